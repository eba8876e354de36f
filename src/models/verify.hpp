// The self-check of a model that has been read; the public face is verify_model in vaerans/models.hpp.
#pragma once

#include <string>

#include "models/model.hpp"

namespace vaerans::models {

/// Runs the model on the built-in picture. What fails is a check that did not pass, not an exception.
[[nodiscard]] ModelReport verify(const Model& model);

/// "shapes: …\npixel range: …" of the checks that did not pass.
[[nodiscard]] std::string failures(const ModelReport& report);

/// Whether someone says what the latents' scaling is: a card, a config.json, or the published properties.
[[nodiscard]] bool scaling_is_stated(const ModelInfo& info);

/// Why numbers may have become NaN or infinite in this graph, and what to do.
[[nodiscard]] const char* overflow_remedy(const onnx::GraphFile& graph) noexcept;

}  // namespace vaerans::models
