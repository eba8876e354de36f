// The conditioning store. vaerans_ecs/latents/store.py and writer.py give it its Python face.
#include "vaerans/store/store.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "latents/blob.hpp"
#include "paths.hpp"

namespace vaerans::python {
namespace {

void export_values(nb::module_& m) {
  nb::class_<StoreModel>(m, "StoreModel", "What made the arrays of a shard, and how a training scales them.")
      .def_ro("name", &StoreModel::name)
      .def_ro("hash", &StoreModel::hash)
      .def_ro("scaling", &StoreModel::scaling)
      .def_ro("shift", &StoreModel::shift)
      .def_ro("user", &StoreModel::user);
  nb::class_<ItemFacts>(m, "ItemFacts", "What is known of an item beside its arrays.")
      .def(nb::init<>())
      .def_rw("source_hash", &ItemFacts::source_hash)
      .def_rw("model_hash", &ItemFacts::model_hash)
      .def_rw("width", &ItemFacts::width)
      .def_rw("height", &ItemFacts::height)
      .def_prop_rw(
          "crop",
          [](const ItemFacts& f) { return nb::make_tuple(f.crop_left, f.crop_top, f.crop_width, f.crop_height); },
          [](ItemFacts& f, const std::vector<std::uint64_t>& crop) {
            if (crop.size() != 4) throw Error(ErrorCode::invalid_argument, "crop: left, top, width and height");
            f.crop_left = crop[0], f.crop_top = crop[1], f.crop_width = crop[2], f.crop_height = crop[3];
          },
          "(left, top, width, height)")
      .def_rw("flip_of", &ItemFacts::flip_of)
      .def_rw("bucket", &ItemFacts::bucket)
      .def_rw("user", &ItemFacts::user);
  nb::class_<StoreItem>(m, "StoreItem", "An item, without its arrays.")
      .def_ro("key", &StoreItem::key)
      .def_ro("facts", &StoreItem::facts)
      .def_ro("shard", &StoreItem::shard)
      .def_ro("bytes", &StoreItem::bytes)
      .def_prop_ro("arrays", [](const StoreItem& i) {
        std::vector<std::string> names;
        for (const ArrayPlace& array : i.arrays) names.push_back(array.name);
        return names;
      });
  nb::class_<ShardInfo>(m, "ShardInfo", "A file of a store.")
      .def_prop_ro("path", [](const ShardInfo& s) { return PathText{s.path}; })
      .def_ro("model", &ShardInfo::model)
      .def_ro("sequence", &ShardInfo::sequence)
      .def_ro("bytes", &ShardInfo::bytes)
      .def_ro("items", &ShardInfo::items)
      .def_ro("dead", &ShardInfo::dead, "Items that a later one of the same key replaces.")
      .def_prop_ro("damage", [](const ShardInfo& s) { return shown(s.damage); });
  nb::class_<StoreDamage>(m, "StoreDamage", "Something wrong in a store.")
      .def_prop_ro("shard", [](const StoreDamage& d) { return PathText{d.shard}; })
      .def_ro("key", &StoreDamage::key, "Empty where header, index or what lies between items is damaged.")
      .def_prop_ro("text", [](const StoreDamage& d) { return shown(d.text); });
}

nb::bytes bytes_of(std::span<const std::uint8_t> bytes) { return nb::bytes(bytes.data(), bytes.size()); }

void decode(const LatentBatch& batch, const std::string& type, const RoomArray& out, unsigned threads) {
  const auto room = room_of(out);
  const NumberType number = number_of(type);
  const nb::gil_scoped_release no_gil;
  batch.decode(number, room, threads);
}

/// What Python's function brings: it takes [(path, offset, bytes) …] and gives as many bytes objects.
FetchRanges fetch_by(const nb::callable& function) {
  const auto shared = std::shared_ptr<nb::callable>(new nb::callable(function), [](nb::callable* held) {
    const nb::gil_scoped_acquire gil;
    delete held;  // NOLINT(cppcoreguidelines-owning-memory): the reference goes while the interpreter is held
  });
  return [shared](std::span<const FileRange> ranges) {
    const nb::gil_scoped_acquire gil;
    nb::list wanted;
    for (const FileRange& r : ranges) wanted.append(nb::make_tuple(r.path, r.offset, r.bytes));
    std::vector<std::vector<std::uint8_t>> out;
    for (const nb::handle part : (*shared)(wanted)) {
      if (!nb::isinstance<nb::bytes>(part)) refuse_value("what is fetched is bytes", part);
      const auto bytes = nb::borrow<nb::bytes>(part);
      const auto* const first = static_cast<const std::uint8_t*>(bytes.data());
      out.emplace_back(first, first + bytes.size());
    }
    return out;
  };
}

void open_remote(LatentStore* self, const std::vector<std::pair<std::string, std::uint64_t>>& files,
                 const nb::callable& fetch, const std::string& model_hash, bool strict) {
  std::vector<RemoteFile> remote;
  for (const auto& [path, bytes] : files) remote.push_back({path, bytes});
  FetchRanges brings = fetch_by(fetch);
  const nb::gil_scoped_release no_gil;
  new (self) LatentStore(remote, std::move(brings), {model_hash, strict});
}

void export_batch(nb::module_& m) {
  nb::class_<LatentBatch>(m, "LatentBatch", "Arrays of one shape that were found, and can be decoded.")
      .def("__len__", &LatentBatch::size)
      .def_prop_ro("shape",
                   [](const LatentBatch& b) {
                     nb::list shape;
                     for (const std::uint64_t n : b.shape()) shape.append(n);
                     return nb::tuple(shape);
                   })
      .def_prop_ro("type", [](const LatentBatch& b) { return std::string(number_name(b.type())); })
      .def("decode", &decode, "type"_a, "out"_a, "threads"_a = 1);
}

void export_reader(nb::module_& m) {
  nb::class_<LatentStore>(m, "StoreReader", "A store that is open to be read.")
      .def(
          "__init__",
          [](LatentStore* self, const PathText& path, const std::string& model_hash, bool strict) {
            const nb::gil_scoped_release no_gil;
            new (self) LatentStore(path.bytes, {model_hash, strict});
          },
          "path"_a, "model_hash"_a = "", "strict"_a = true)
      .def("__init__", &open_remote, "files"_a, "fetch"_a, "model_hash"_a = "", "strict"_a = true)
      .def("__len__", &LatentStore::size)
      .def("__contains__", [](const LatentStore& s, const std::string& key) { return s.find(key) != nullptr; })
      .def("keys", &LatentStore::keys)
      .def("item", &LatentStore::item, "key"_a, nb::rv_policy::reference_internal)
      .def("shards", &LatentStore::shards, nb::rv_policy::reference_internal)
      .def("info", &LatentStore::info, "key"_a, "array"_a = "", nb::call_guard<nb::gil_scoped_release>())
      .def(
          "blob",
          [](const LatentStore& s, const std::string& key, const std::string& array) {
            StoredBytes found;
            {
              const nb::gil_scoped_release no_gil;
              found = s.blob(key, array);
            }
            return bytes_of(found.bytes);
          },
          "key"_a, "array"_a = "")
      .def(
          "batch",
          [](const LatentStore& s, const std::vector<std::string>& keys, const std::string& array) {
            return s.batch(keys, array);
          },
          "keys"_a, "array"_a = "", nb::call_guard<nb::gil_scoped_release>())
      .def("verify", &LatentStore::verify, "threads"_a = 0, nb::call_guard<nb::gil_scoped_release>());
}

void add(StoreWriter& writer, const std::string& key, const nb::list& arrays, const ItemFacts& facts) {
  std::vector<PackedArray> alive;
  std::vector<NamedArray> named;
  for (const nb::handle entry : arrays) {
    using Entry = std::tuple<std::string, PackedArray, std::string, std::string, double, std::uint32_t, bool>;
    const auto [name, array, type, target, value, axis, trellis] =
        value_as<Entry>(entry, "an array of an item has a name, which is a text, numbers and a target");
    alive.push_back(array);
    named.push_back({name, view_of(array, type), {target_of(target, value), axis, trellis}});
  }
  const nb::gil_scoped_release no_gil;
  writer.add(key, named, facts);
}

void add_blobs(StoreWriter& writer, const std::string& key, const nb::dict& blobs, const ItemFacts& facts) {
  std::vector<NamedBlob> named;
  for (const auto [name, blob] : blobs) {
    const auto bytes = nb::cast<nb::bytes>(blob);
    const auto* const first = static_cast<const std::uint8_t*>(bytes.data());
    named.push_back({value_as<std::string>(name, "the name of an array is a text"), {first, first + bytes.size()}});
  }
  const nb::gil_scoped_release no_gil;
  writer.add_blobs(key, named, facts);
}

void export_writer(nb::module_& m) {
  nb::class_<StoreWriter>(m, "StoreWriter", "A store that is being written.")
      .def(
          "__init__",
          [](StoreWriter* self, const PathText& folder, const std::string& model, const std::string& model_hash,
             double scaling, double shift, const std::string& user, const std::string& rank, bool resume, bool replace,
             std::uint64_t shard_bytes, std::uint64_t sequence) {
            const nb::gil_scoped_release no_gil;
            new (self)
                StoreWriter(folder.bytes,
                            {{model, model_hash, scaling, shift, user}, rank, resume, replace, shard_bytes, sequence});
          },
          "folder"_a, "model"_a, "model_hash"_a, "scaling"_a, "shift"_a, "user"_a, "rank"_a, "resume"_a, "replace"_a,
          "shard_bytes"_a, "sequence"_a)
      .def("is_current", &StoreWriter::is_current, "key"_a, "source_hash"_a, "model_hash"_a = "")
      .def("add", &add, "key"_a, "arrays"_a, "facts"_a)
      .def("add_blobs", &add_blobs, "key"_a, "blobs"_a, "facts"_a)
      .def("close", &StoreWriter::close, nb::call_guard<nb::gil_scoped_release>())
      .def_prop_ro("items", &StoreWriter::items);
}

}  // namespace

void export_store(nb::module_& m) {
  export_values(m);
  export_batch(m);
  export_reader(m);
  export_writer(m);
  m.def(
      "salvage_shard",
      [](const PathText& part) {
        auto made = salvage_shard(part.bytes);
        return made ? std::optional(PathText{std::move(*made)}) : std::nullopt;
      },
      "part"_a, nb::call_guard<nb::gil_scoped_release>(),
      "Finishes an unfinished shard (*.vls.part). Returns its path, or None where it held no item.");
  m.def(
      "compact_store",
      [](const PathText& folder, const std::vector<std::string>& drop) {
        Compaction c;
        {
          const nb::gil_scoped_release no_gil;
          c = compact_store(folder.bytes, drop);
        }
        return nb::make_tuple(c.dropped, c.bytes_before, c.bytes_after);
      },
      "folder"_a, "drop"_a);
}

}  // namespace vaerans::python
