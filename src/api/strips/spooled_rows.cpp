#include "api/strips/spooled_rows.hpp"

#include <algorithm>

#include "api/dial/band_search.hpp"
#include "api/dial/dial.hpp"
#include "api/dial/sample.hpp"
#include "api/parts/tiles.hpp"
#include "api/strips/strip_coder.hpp"

namespace vaerans {
namespace {

CompressOptions options_of(double quality, std::int64_t effort) {
  CompressOptions out;
  out.quality = quality;
  out.mode = "wavelet";
  out.effort = effort;
  return out;
}

ByteBuffer content_of(const Frame& frame, layout::ChunkNumber number) {
  const Chunk* const chunk = frame.find(number);
  return chunk == nullptr ? ByteBuffer{} : ByteBuffer(chunk->content.begin(), chunk->content.end());
}

// A picture of which no sample is taken fits into memory.
BaseChunks base_of_the_whole(PictureRows& picture, const CompressOptions& options, const Context& context) {
  const Bytes file = compress(picture.rows(0, picture.kind().height), options, context);
  const Frame frame = intact_frame(std::as_bytes(std::span(file)), context.limits);
  return {content_of(frame, layout::ChunkNumber::base), content_of(frame, layout::ChunkNumber::tiles)};
}

QuantizeBandsOptions bands_of(const PictureKind& kind, std::int64_t effort) {
  return band_options(true, effort, band_tile(kind.height, kind.width));
}

}  // namespace

void SpooledRows::add(std::span<const std::byte> samples) {
  spool_.append({reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size()});
}

ImageView SpooledRows::rows(std::uint64_t y, std::uint64_t count) {
  const std::uint64_t row = kind_.width * kind_.channels * dtype_size(kind_.dtype);
  rows_.resize(row * count);
  spool_.read(row * y, rows_);
  return {rows_.data(), count, kind_.width, kind_.channels, 0, kind_.dtype};
}

std::uint64_t memory_of_quality(const PictureKind& kind, std::int64_t effort) {
  constexpr std::uint64_t kEach = 46;  // for each sample of the trials, as measured
  const bool sampled = is_sampled(kind.height, kind.width);
  const std::uint64_t trials = kEach * kind.channels * (sampled ? sample_pixels : kind.height * kind.width);
  return sampled ? std::max(trials, least_strip_memory(kind, bands_of(kind, effort))) : trials;
}

BaseChunks base_of_quality(PictureRows& picture, double quality, std::int64_t effort, const Context& context) {
  const PictureKind kind = picture.kind();
  if (!is_sampled(kind.height, kind.width)) return base_of_the_whole(picture, options_of(quality, effort), context);
  QuantizeBandsOptions bands = bands_of(kind, effort);
  {
    SampledPicture sample(picture);
    const BandSearch search(sample.world, sample.entity, context, bands, {});
    bands.step = search.step_of_score(score_of_quality(quality), band_step_of_quality(quality));
  }
  const BandStream stream = stream_in_strips(picture, bands, context, strip_memory(context.limits));
  ByteWriter base;
  write_stream(base, stream.stored());
  return {base.take(), tile_index(spec_of(kind), stream.stored())};
}

}  // namespace vaerans
