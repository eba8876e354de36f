#include "vaerans/core/store.hpp"

#include <algorithm>

#include "vaerans/base/error.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

constexpr std::size_t kShown = 8;

std::string list_of(const std::vector<EntityId>& entities) {
  std::string out;
  for (std::size_t i = 0; i < std::min(entities.size(), kShown); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(entities[i]);
  }
  if (entities.size() > kShown) out += " and " + std::to_string(entities.size() - kShown) + " more";
  if (out.empty()) return "no entity has";
  return entities.size() == 1 ? "entity " + out + " has" : "entities " + out + " have";
}

}  // namespace

ComponentStore::ComponentStore(const World& world, std::string_view key) : world_(&world), key_(canonical_key(key)) {}

bool ComponentStore::contains(EntityId entity) const { return world_->has(entity, key_); }

const Component& ComponentStore::at(EntityId entity) const {
  if (contains(entity)) return world_->get(entity, key_);
  std::string text =
      "entity " + std::to_string(entity) + " has no component '" + key_ + "', which " + list_of(entities());
  if (!world_->alive(entity)) throw Error(ErrorCode::missing_component, text + "; it is not alive");
  std::string keys;
  for (const auto& key : world_->keys(entity)) keys += (keys.empty() ? "" : ", ") + key;
  throw Error(ErrorCode::missing_component, text + "; it has: " + (keys.empty() ? "none" : keys));
}

std::vector<EntityId> ComponentStore::entities() const {
  std::vector<EntityId> out = world_->entities();
  std::erase_if(out, [this](EntityId e) { return !contains(e); });
  return out;
}

}  // namespace vaerans
