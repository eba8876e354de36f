// A model by its decoder's hash, whatever its folder is called.
#pragma once

#include <memory>

#include "models/generations/reference.hpp"
#include "models/model.hpp"

namespace vaerans::models {

/// Looks at what this process registered; at the cards on the path, those that have the name first; at folders that
/// were opened as such; at folders without a card; and at all snapshots of the name's repositories in the cache of
/// Hugging Face's tools. A card is believed only when the weights have been hashed.
/// Throws Error(model_not_found), Error(model_mismatch) where a model of the name has other weights,
/// Error(model_invalid) where the one that should be it is broken. The error says how to get it.
[[nodiscard]] std::shared_ptr<const Model> find_by_hash(const ModelReference& wanted);

}  // namespace vaerans::models
