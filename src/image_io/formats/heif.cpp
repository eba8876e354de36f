// HEIF and AVIF: sequences, alpha, colours by nclx (ISO/IEC 23008-12).
#include "image_io/formats/boxes.hpp"
#include "image_io/formats/headers.hpp"

namespace vaerans::image_io {
namespace {

bool is_alpha(const ByteView& auxiliary) {
  return auxiliary.contains("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha") ||
         auxiliary.contains("urn:mpeg:avc:2015:auxid:1") || auxiliary.contains("urn:mpeg:hevc:2015:auxid:1");
}

/// Samples of all tracks together are frames: a picture beside its film counts as well.
bool is_sequence(const ByteView& file) { return find_box(file, "moov").has_value(); }

}  // namespace

void inspect_heif(const ByteView& file, Facts& facts) {
  const auto meta = find_box(file, "meta");
  if (is_sequence(file)) facts.pictures = 2;
  if (!meta || !meta->holds(0, 4)) {
    if (is_sequence(file)) refuse_picture("a film without a picture of its own; vaerans takes one picture");
    damaged_picture("there is no picture in it");
  }
  const auto references = find_box(meta->from(4), "iref");
  if (references && references->holds(0, 4) && find_box(references->from(4), "prem"))
    refuse_picture("a HEIF or AVIF picture whose colours are multiplied by its alpha");
  const auto properties = find_box(meta->from(4), "iprp");
  const auto container = properties ? find_box(*properties, "ipco") : std::nullopt;
  if (!container) return;
  bool profile = false;
  std::optional<ByteView> nclx;
  Boxes boxes(*container);
  while (const auto box = boxes.next()) {
    if (box->type == "auxC" && is_alpha(box->content)) facts.has_alpha = true;
    if (box->type != "colr") continue;
    if (box->content.has(0, "prof") || box->content.has(0, "rICC")) profile = true;
    if (box->content.has(0, "nclx") && !nclx) nclx = box->content;
  }
  if (nclx && !profile) require_srgb_like(nclx->u16(4), nclx->u16(6));
}

}  // namespace vaerans::image_io
