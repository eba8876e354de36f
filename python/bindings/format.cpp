// The .vrs file.
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <type_traits>

#include "convert.hpp"
#include "core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans::python {
namespace {

nb::bytes write(WorldObject& world, EntityId entity, nb::handle key, nb::handle residual_key, nb::handle base_key,
                nb::handle lossless) {
  const std::string stream = key_of(key);
  const ResidualStream residual{key_of(residual_key), key_of(base_key), flag_of(lossless, "lossless is True or False")};
  const Use use(world);
  const Bytes bytes =
      residual.key.empty() ? write_file(world, entity, stream) : write_file(world, entity, stream, residual);
  return nb::bytes(bytes.data(), bytes.size());
}

EntityId read(WorldObject& world, const nb::bytes& data, const ContextPtr& context) {
  const Use use(world);
  return read_file(world, span_of(data), context_of(context).limits);
}

RunObject decode(const WorldPtr& world, nb::handle entities, const ContextPtr& context) {
  const EntityArgument argument = entities_of(entities);
  const Context policy = context_of(context);
  const nb::gil_scoped_release no_gil;
  const Use use(*world);
  return {decode_entities(*world, argument.ids, policy), world, argument.single};
}

/// All that a FileInfo holds, as plain values: what pickles and copies are made of.
nb::tuple state_of(const FileInfo& i) {
  nb::list details, parts, chunks;
  for (const auto& d : i.details) details.append(nb::make_tuple(d.step, d.name, d.text));
  for (const auto& p : i.parts) parts.append(nb::make_tuple(p.name, p.bytes));
  for (const auto& c : i.chunks) chunks.append(nb::make_tuple(c.name, c.needed, c.offset, c.bytes));
  return nb::make_tuple(i.version, i.recipe, i.source_key, i.source_shape, i.model, i.model_hash, details,
                        i.has_residual, i.lossless, i.residual_recipe, i.base_hash, i.source_hash, parts, i.file_bytes,
                        i.sample_type, i.has_alpha, chunks);
}

void restore(FileInfo& self, const nb::tuple& state) {
  auto* const i = new (&self) FileInfo();
  std::size_t at = 0;
  const auto take = [&](auto& field) { field = nb::cast<std::decay_t<decltype(field)>>(state[at++]); };
  take(i->version), take(i->recipe), take(i->source_key), take(i->source_shape), take(i->model), take(i->model_hash);
  for (const nb::handle d : nb::cast<nb::list>(state[at++])) {
    i->details.push_back({nb::cast<std::string>(d[0]), nb::cast<std::string>(d[1]), nb::cast<std::string>(d[2])});
  }
  take(i->has_residual), take(i->lossless), take(i->residual_recipe), take(i->base_hash), take(i->source_hash);
  for (const nb::handle p : nb::cast<nb::list>(state[at++])) {
    i->parts.push_back({nb::cast<std::string>(p[0]), nb::cast<std::uint64_t>(p[1])});
  }
  take(i->file_bytes), take(i->sample_type), take(i->has_alpha);
  for (const nb::handle c : nb::cast<nb::list>(state[at++])) {
    i->chunks.push_back({nb::cast<std::string>(c[0]), nb::cast<bool>(c[1]), nb::cast<std::uint64_t>(c[2]),
                         nb::cast<std::uint64_t>(c[3])});
  }
}

void export_info(nb::module_& m) {
  nb::class_<FileInfo> info(m, "FileInfo", "What a .vrs file holds.");
  nb::class_<FileInfo::Part>(info, "Part", "A part of the file and its size.")
      .def_ro("name", &FileInfo::Part::name)
      .def_ro("bytes", &FileInfo::Part::bytes);
  nb::class_<FileInfo::Detail>(info, "Detail", "What a step says of its side information.")
      .def_ro("step", &FileInfo::Detail::step)
      .def_ro("name", &FileInfo::Detail::name)
      .def_ro("text", &FileInfo::Detail::text);
  nb::class_<FileInfo::Chunk>(info, "Chunk", "A piece of the file that has a checksum of its own.")
      .def_ro("name", &FileInfo::Chunk::name, "'header', 'base', 'icc', a plugin's name, 'chunk 17'.")
      .def_ro("needed", &FileInfo::Chunk::needed, "Whether a reader that does not know it must refuse the file.")
      .def_ro("offset", &FileInfo::Chunk::offset)
      .def_ro("bytes", &FileInfo::Chunk::bytes)
      .def("__repr__",
           [](const FileInfo::Chunk& c) { return "Chunk('" + c.name + "', " + std::to_string(c.bytes) + " bytes)"; });
  info.def_ro("version", &FileInfo::version, "The format's; 0: the layout from before 1.0.")
      .def_ro("recipe", &FileInfo::recipe, "Chain of the first stream.")
      .def_ro("source_key", &FileInfo::source_key, "'RGB' or 'Latent4'.")
      .def_prop_ro("source_shape", [](const FileInfo& i) { return nb::tuple(nb::cast(i.source_shape)); })
      .def_ro("sample_type", &FileInfo::sample_type, "'u8' or 'u16' of a picture, 'f32' of a latent.")
      .def_ro("has_alpha", &FileInfo::has_alpha)
      .def_ro("model", &FileInfo::model, "Empty without a VAE.")
      .def_ro("model_hash", &FileInfo::model_hash)
      .def_ro("details", &FileInfo::details, "What the steps say of their side information.")
      .def_ro("has_residual", &FileInfo::has_residual)
      .def_ro("lossless", &FileInfo::lossless)
      .def_ro("residual_recipe", &FileInfo::residual_recipe)
      .def_ro("base_hash", &FileInfo::base_hash)
      .def_ro("source_hash", &FileInfo::source_hash)
      .def_ro("parts", &FileInfo::parts, "They sum up to the file's size.")
      .def_ro("chunks", &FileInfo::chunks, "In the file's order, the header first; they sum up to the file's size.")
      .def_ro("file_bytes", &FileInfo::file_bytes)
      .def("__getstate__", &state_of)
      .def("__setstate__", &restore)
      .def(
          "__eq__",
          [](const FileInfo& a, nb::handle other) {
            FileInfo b;
            return nb::try_cast(other, b) && state_of(a).equal(state_of(b));
          },
          "other"_a.none(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__", [](const FileInfo& i) { return nb::hash(nb::str(i.recipe.c_str())); })
      .def("__repr__", [](const FileInfo& i) {
        return "FileInfo(\"" + i.recipe + "\", " + std::to_string(i.file_bytes) + " bytes)";
      });
}

}  // namespace

void export_format(nb::module_& m) {
  export_info(m);
  m.def(
      "file_info",
      [](const nb::bytes& data, const ContextPtr& context) {
        return file_info(span_of(data), context_of(context).limits);
      },
      "data"_a, "context"_a.none() = nb::none(),
      "What a .vrs file holds, without decoding it. Raises CorruptStream, UnsupportedVersion, LimitExceeded.");
  m.def(
      "verify",
      [](const nb::bytes& data, const ContextPtr& context) { verify_file(span_of(data), context_of(context).limits); },
      "data"_a, "context"_a.none() = nb::none(),
      "Holds every checksum of a .vrs file against its bytes. Raises CorruptStream, UnsupportedVersion, "
      "LimitExceeded.");
  m.def(
      "strip",
      [](const nb::bytes& data, const std::vector<std::string>& keep, const ContextPtr& context) {
        const Bytes bytes = strip_file(span_of(data), keep, context_of(context).limits);
        return nb::bytes(bytes.data(), bytes.size());
      },
      "data"_a, "keep"_a = std::vector<std::string>{}, "context"_a.none() = nb::none(),
      "A .vrs file without the chunks that a decoder may skip, but for those named in `keep`.");
  m.def("write_file", &write, "world"_a, "entity"_a, "key"_a = "Bitstream", "residual_key"_a.none() = nb::none(),
        "base_key"_a = "ReconRGB", "lossless"_a.none() = true,
        nb::sig(
            "def write_file(world: World, entity: int, key: object = 'Bitstream', residual_key: object | None = None, "
            "base_key: object = 'ReconRGB', lossless: bool = True) -> bytes"),
        "An entity's bitstream as the bytes of a .vrs file, with all that decoding needs. residual_key: a second "
        "stream to\n"
        "go beside it, on top of the picture base_key; lossless promises that their sum is RGB. Raises ContractError.");
  m.def("read_file", &read, "world"_a, "data"_a, "context"_a.none() = nb::none(),
        "Checks a .vrs file and spawns an entity with its Bitstream. Raises CorruptStream, UnsupportedVersion, "
        "LimitExceeded,\n"
        "UnknownSystem.");
  m.def("decode_entities", &decode, "world"_a, "entities"_a, "context"_a.none() = nb::none(),
        "Undoes the chains of entities that read_file() spawned: each gets ReconRGB or Latent4. Raises BaseMismatch.");
}

}  // namespace vaerans::python
