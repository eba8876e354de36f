// ComponentStore: the components of a World under one key, seen as a map from entities.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/core/component.hpp"
#include "vaerans/core/world_fwd.hpp"

namespace vaerans {

/// A view: it shows what is there when it is asked, and must not outlive its world.
class ComponentStore {
 public:
  ComponentStore(const World& world, std::string_view key);

  [[nodiscard]] const std::string& key() const noexcept { return key_; }
  [[nodiscard]] bool contains(EntityId entity) const;
  /// Throws Error(missing_component) with the entities that have one.
  [[nodiscard]] const Component& at(EntityId entity) const;
  [[nodiscard]] const Component& operator[](EntityId entity) const { return at(entity); }
  [[nodiscard]] std::vector<EntityId> entities() const;  ///< ascending
  [[nodiscard]] std::size_t size() const { return entities().size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  const World* world_;
  std::string key_;
};

}  // namespace vaerans
