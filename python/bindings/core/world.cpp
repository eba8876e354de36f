// World.
#include "core/world.hpp"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "convert.hpp"
#include "core/component.hpp"
#include "core/pipeline.hpp"
#include "pictures/picture.hpp"
#include "vaerans/components/entropy.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/components/latent.hpp"
#include "vaerans/components/quant.hpp"
#include "vaerans/components/residual.hpp"
#include "vaerans/components/wavelet.hpp"

namespace vaerans::python {
namespace {

constexpr std::string_view kArenaBytes = "arena_bytes is a whole number, such as 512 << 20";

EntityId spawn_image(WorldObject& world, nb::handle image, nb::handle value_range) {
  const BeforeCopy check = within(world.arena());
  const Picture picture =
      value_range.is_none() ? picture_of(image, check) : picture_from_range(image, value_range, check);
  const nb::gil_scoped_release no_gil;
  const Use use(world);
  return world.spawn_image(picture.view);
}

std::vector<EntityId> spawn_batch(WorldObject& world, nb::handle images) {
  const Pictures pictures = pictures_of(images, within(world.arena()));
  const auto views = views_of(pictures.taken);
  const nb::gil_scoped_release no_gil;
  const Use use(world);
  return world.spawn_batch_rgb(views);
}

EntityId spawn_latent(WorldObject& world, nb::handle latent) {
  const LatentView view = latent_of(latent, within(world.arena()));
  const Use use(world);
  return world.spawn_latent(view.values, view.shape);
}

void set(WorldObject& world, EntityId entity, nb::handle key, nb::handle array, nb::handle kind) {
  const PackedArray values = packed(array, within(world.arena()));
  const nb::object of_type = nb::isinstance<nb::str>(key) ? nb::none() : nb::getattr(key, "kind", nb::none());
  const nb::object named = kind.is_none() ? of_type : nb::borrow(kind);
  if (named.is_none()) throw Error(ErrorCode::invalid_argument, "say what the array is: kind='image', 'planes', …");
  const Kind known = kind_of(value_as<std::string>(named, "kind is a text such as 'image' or 'planes'"));
  const Use use(world);
  if (!world.alive(entity)) (void)world.get(entity, "");  // throws unknown_entity before memory is taken
  const TensorRef ref = world.arena().alloc_tensor(shape_of(values), dtype_of_array(values));
  const auto bytes = bytes_of(values);
  std::copy(bytes.begin(), bytes.end(), world.arena().data(ref));
  world.set_tensor(entity, key_of(key), known, ref);
}

std::vector<EntityId> all_entities(WorldObject& world) {
  const Use use(world);
  return world.entities();
}

nb::dict metadata(WorldObject& world, EntityId entity) {
  const Use use(world);
  nb::dict values;
  for (const auto& [name, value] : world.metadata(entity)) values[name.c_str()] = value;
  return values;
}

PipeObject make_pipe(const WorldPtr& world, nb::handle entities, const ContextPtr& context) {
  auto argument = entities_of(entities);
  const Use use(*world);
  return {world, context, argument.single, Pipe(*world, std::move(argument.ids), context_of(context))};
}

RunObject run(const WorldPtr& world, nb::handle chain, nb::handle entities, const ContextPtr& context) {
  return run_chain(pipeline_from(chain), world, entities, context);
}

/// A map from entities to the components under one key; a view.
struct StoreObject {
  WorldPtr world;
  std::string key;
  [[nodiscard]] ComponentStore store() const { return world->store(key); }
};

std::vector<EntityId> entities_in(const StoreObject& s) {
  const Use use(*s.world);
  return s.store().entities();
}

std::size_t size_of(const StoreObject& s) {
  const Use use(*s.world);
  return s.store().size();
}

nb::object component_at(const StoreObject& s, nb::handle given) {
  const auto entity = value_as<EntityId>(given, "a store is asked by entity, a whole number");
  const Use use(*s.world);
  (void)s.store().at(entity);  // throws what the store has
  return component_object(s.world, entity, s.key);
}

bool contains(const StoreObject& s, nb::handle entity) {
  const Use use(*s.world);
  EntityId id = 0;  // what is no entity's number is in no store
  return nb::try_cast(entity, id) && s.store().contains(id);
}

nb::list values(const StoreObject& s) {
  const Use use(*s.world);
  nb::list out;
  for (const EntityId e : s.store().entities()) out.append(component_object(s.world, e, s.key));
  return out;
}

nb::list items(const StoreObject& s) {
  const Use use(*s.world);
  nb::list out;
  for (const EntityId e : s.store().entities()) out.append(nb::make_tuple(e, component_object(s.world, e, s.key)));
  return out;
}

void export_component_store(nb::module_& m) {
  nb::class_<StoreObject>(
      m, "ComponentStore",
      "The components of a world under one key, as a mapping from entities: `in`, len(), iteration,\n"
      "[entity]. A view: it shows what is there when it is asked.")
      .def_ro("key", &StoreObject::key)
      .def("__getitem__", &component_at, "entity"_a, nb::sig("def __getitem__(self, entity: int) -> typing.Any"))
      .def("__contains__", &contains, "entity"_a.none())
      .def("__len__", &size_of)
      .def("__iter__", [](const StoreObject& s) { return nb::iter(nb::cast(entities_in(s))); })
      .def(
          "get",
          [](const StoreObject& s, nb::handle entity, nb::handle otherwise) {
            const Use use(*s.world);
            return contains(s, entity) ? component_at(s, entity) : nb::borrow(otherwise);
          },
          "entity"_a.none(), "default"_a.none() = nb::none(),
          nb::sig("def get(self, entity: int, default: object | None = None) -> typing.Any"),
          "The component, or `default` where the entity has none.")
      .def("keys", &entities_in, "The entities, ascending.")
      .def("values", &values, "The components, in the order of the entities.")
      .def("items", &items, "(entity, component) pairs.")
      .def("__repr__", [](const StoreObject& s) {
        return "ComponentStore('" + s.key + "', " + std::to_string(size_of(s)) + " entities)";
      });
}

template <typename Class>
void export_stores(Class& cls) {
  constexpr std::pair<const char*, std::string_view> names[] = {{"rgb", RGB::key},
                                                                {"recon", ReconRGB::key},
                                                                {"blur", BlurRGB::key},
                                                                {"latent", Latent4::key},
                                                                {"yuvw", YUVW4::key},
                                                                {"wavelet", WaveletPyr::key},
                                                                {"symbols", SymbolsU8::key},
                                                                {"quant", QuantParams::key},
                                                                {"bitstream", ANSBitstream::key},
                                                                {"residual", ResidualImage::key}};
  for (const auto& [name, key] : names) {
    const std::string of(key);
    cls.def_prop_ro(
        name, [of](const WorldPtr& w) { return StoreObject{w, of}; },
        ("The store of the components " + of + ": " + name + "[entity].").c_str());
  }
  cls.def(
      "store",
      [](const WorldPtr& w, nb::handle key) { return StoreObject{w, std::string(canonical_key(key_of(key)))}; },
      "key"_a, "The components under any key, as a mapping from entities.");
}

template <typename Class>
void export_spawning(Class& cls) {
  cls.def(
         "new_entity",
         [](WorldObject& w) {
           const Use use(w);
           return w.new_entity();
         },
         "An entity without components.")
      .def("spawn_image", &spawn_image, "image"_a.none(), "value_range"_a.none() = nb::none(),
           "Copies a picture into the arena as component RGB and returns its entity. `image`: (H, W, 3) uint8, sRGB,\n"
           "of any strides, with alpha, grey or of uint16 as compress() takes it, or a PIL image; with\n"
           "`value_range`, (black, white) such as (0, 1), of floats, which are rounded to uint8. Raises\n"
           "ImageUnsupported for all else, which says how to convert; ArenaFull.")
      .def("spawn_batch_rgb", &spawn_batch, "images"_a.none(),
           nb::sig("def spawn_batch_rgb(self, images: object) -> list[int]"),
           "A list of pictures, or one (N, H, W, 3) array. Pictures of one shape share a contiguous buffer. Returns\n"
           "the ids in the order given.")
      .def("spawn_latent", &spawn_latent, "latent"_a.none(), nb::sig("def spawn_latent(self, latent: object) -> int"),
           "A latent without a picture: (C, h, w) or (1, C, h, w) float32 becomes component Latent4. Raises "
           "ShapeError,\n"
           "DTypeError.")
      .def(
          "despawn",
          [](WorldObject& w, EntityId e) {
            const Use use(w);
            w.despawn(e);
          },
          "entity"_a,
          "Ends an entity; its memory is used again. Component objects go stale; arrays that were got before stay "
          "mapped, but\n"
          "their contents are overwritten by what comes next: copy what you keep.")
      .def(
          "reset",
          [](WorldObject& w) {
            const Use use(w);
            w.reset();
          },
          "Ends all entities and empties the arena. Component objects go stale; arrays that were got before stay "
          "mapped,\n"
          "but their contents are overwritten by what comes next.");
}

template <typename Class>
void export_components(Class& cls) {
  cls.def_prop_ro("entities", &all_entities, "Ids that are alive, ascending.")
      .def(
          "alive",
          [](WorldObject& w, EntityId e) {
            const Use use(w);
            return w.alive(e);
          },
          "entity"_a)
      .def(
          "keys",
          [](WorldObject& w, EntityId e) {
            const Use use(w);
            return w.keys(e);
          },
          "entity"_a, "Keys of an entity's components.")
      .def(
          "has",
          [](WorldObject& w, EntityId e, nb::handle key) {
            const Use use(w);
            return w.has(e, key_of(key));
          },
          "entity"_a, "key"_a)
      .def(
          "get", [](const WorldPtr& w, EntityId e, nb::handle key) { return component_object(w, e, key_of(key)); },
          "entity"_a, "key"_a, nb::sig("def get(self, entity: int, key: object) -> typing.Any"),
          "The component of that key or component type. Raises UnknownEntity, MissingComponent.")
      .def(
          "set", &set, "entity"_a, "key"_a, "array"_a.none(), "kind"_a.none() = nb::none(),
          nb::sig("def set(self, entity: int, key: object, array: object, kind: object | None = None) -> None"),
          "Copies an array into the arena as a source component. `kind` is image, difference, planes, bands, symbols,\n"
          "bitstream or parameters; a component type as `key` brings its own.")
      .def("metadata", &metadata, "entity"_a, "What metrics wrote about an entity: a dict of numbers (a copy).");
}

template <typename Class>
void export_memory(Class& cls) {
  cls.def_prop_ro(
         "arena", [](WorldObject& w) -> ArenaObject& { return w.arena_object(); }, nb::rv_policy::reference_internal)
      .def(
          "scratch",
          [](WorldObject& w, const std::string& name, nb::handle shape, nb::handle dtype) {
            const Use use(w);
            const TensorRef ref = w.scratch(name, shape_of(shape), dtype_of(dtype));
            const nb::object make = nb::module_::import_("vaerans_ecs.core.world").attr("Scratch");
            return make(ref, write_view(w.arena(), ref));
          },
          "name"_a, "shape"_a, "dtype"_a = "f32",
          nb::sig("def scratch(self, name: str, shape: object, dtype: object = 'f32') -> typing.Any"),
          "A named buffer that is kept and reused while it is large enough; its contents are undefined. What comes "
          "back "
          "is a\n"
          "TensorRef that can be used as a writable NumPy array.");
}

}  // namespace

void export_world(nb::module_& m) {
  export_component_store(m);
  nb::class_<WorldObject> cls(
      m, "World",
      "Entities, their components, and the arena that holds them all. One thread at a time works on a\n"
      "world; a second one gets InvalidArgument.");
  cls.def(
      "__init__",
      [](WorldObject* self, nb::handle arena_bytes) {
        new (self) WorldObject(value_as<std::uint64_t>(arena_bytes, kArenaBytes));
      },
      "arena_bytes"_a.none() = World::default_arena_bytes,
      nb::sig("def __init__(self, arena_bytes: int = 536870912) -> None"),
      "Reserves address space for `arena_bytes`; memory is committed as it is used. Raises ArenaFull if refused.");
  export_spawning(cls);
  export_components(cls);
  export_memory(cls);
  export_stores(cls);
  cls.def("pipe", &make_pipe, "entities"_a.none(), "context"_a.none() = nb::none(),
          nb::sig("def pipe(self, entities: object, context: ContextBase | None = None) -> Pipe"),
          "A Pipe over one entity id or a list of them, which an array of whole numbers with one axis is, too.")
      .def("run", &run, "pipeline"_a, "entities"_a.none() = nb::none(), "context"_a.none() = nb::none(),
           "Runs a Pipeline, a System or a recipe on these entities (all by default), one call per step and shape.")
      .def("__repr__", [](WorldObject& w) {
        const Use use(w);
        return "World(" + std::to_string(w.entities().size()) + " entities, " + std::to_string(w.arena().used()) +
               " of " + std::to_string(w.arena().capacity()) + " bytes)";
      });
}

}  // namespace vaerans::python
