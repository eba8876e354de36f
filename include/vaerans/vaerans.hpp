// Everything, except picture files (vaerans/image_io.hpp). A program that includes it finds the models of the tree that
// this header lay in when it was compiled; one that is not to know that path defines VAERANS_NO_TREE_MODELS.
#pragma once

#include "vaerans/api.hpp"
#include "vaerans/components/entropy.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/components/latent.hpp"
#include "vaerans/components/quant.hpp"
#include "vaerans/components/residual.hpp"
#include "vaerans/components/wavelet.hpp"
#include "vaerans/core/descriptor.hpp"
#include "vaerans/core/names.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/core/plugin.hpp"
#include "vaerans/core/registry.hpp"
#include "vaerans/core/world.hpp"
#include "vaerans/file.hpp"
#include "vaerans/model_backend.hpp"
#include "vaerans/model_half.hpp"
#include "vaerans/model_sources.hpp"
#include "vaerans/models.hpp"
#include "vaerans/partial.hpp"
#include "vaerans/preview.hpp"
#include "vaerans/rows.hpp"
#include "vaerans/runtime.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/blur.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/klt.hpp"
#include "vaerans/systems/metrics.hpp"
#include "vaerans/systems/predict.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/residual.hpp"
#include "vaerans/systems/restore.hpp"
#include "vaerans/systems/vae.hpp"
#include "vaerans/systems/wavelet.hpp"
#include "vaerans/systems/ycocg.hpp"
#include "vaerans/transcode.hpp"
#include "vaerans/version.hpp"

#ifndef VAERANS_NO_TREE_MODELS
namespace vaerans::detail {
inline const bool tree_has_models = add_tree_models(__FILE__);
}  // namespace vaerans::detail
#endif
