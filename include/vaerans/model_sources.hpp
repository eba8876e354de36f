// Generations of models: which are there, getting one by its hash, and comparing two.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/models.hpp"

namespace vaerans {

/// A model's weights as they lie in a folder, as its card states them (they have not been read).
///
/// Wherever a model is named, NAME@HASH names one generation, by the first hex digits of its hash (8 or more) and
/// whatever its folder is called, and so does the hash alone (16 or more). A name alone means the newest that is there.
struct ModelGeneration {
  std::string name, revision;
  std::string hash;  ///< as ModelInfo::hash
  std::string folder;
  bool encodes = false;
  bool newest = false;  ///< what the name means
};

/// All models on the path that have cards, those of before (folders `released`) and those of equal names included.
[[nodiscard]] std::vector<ModelGeneration> list_generations(std::vector<BrokenModel>* broken = nullptr);

/// Writes what a http or https URL gives into a file of that path, at most `most` bytes of it. Throws Error(io).
using Download = std::function<void(const std::string& url, const std::string& path, std::uint64_t most)>;

struct FetchOptions {
  /// Folders of models, and http, https or file URLs of such folders, asked in order. Those of the web have a list of
  /// what is there, which write_model_list() makes. Empty: model_sources().
  std::vector<std::string> sources = {};
  bool encoder = false;    ///< bring the encoder as well: with it the model also compresses
  Download download = {};  ///< empty: by the machine's libcurl
};

/// Where fetch_model() looks where nobody says: VAERANS_MODEL_SOURCES, separated by ';'.
[[nodiscard]] std::vector<std::string> model_sources();

/// Gets the model whose decoder has this hash (16 to 64 hex digits, as files and errors say it) into the user's folder,
/// as NAME@HASH: all of it or nothing, and only if every file has the hash that its card gives and the decoder the one
/// that was asked for. Where it is here already nothing is done. Throws Error(model_not_found) that says what each
/// source had, Error(bad_parameter), Error(io).
ModelInfo fetch_model(std::string_view hash, const FetchOptions& options = {});

/// Writes FOLDER/models.json, by which fetch_model() finds the models of the folder, and those in its `released`, once
/// it stands in the web. Returns how many there are. Throws Error(io), Error(model_invalid) for one that is broken.
std::size_t write_model_list(const std::string& folder);

/// Something that two models do not have in common.
struct ModelDifference {
  std::string field;  ///< a field of the card ("measured.psnr_unquantised_db"), "hash", or "bytes.decoder"
  std::string a, b;   ///< as JSON; empty: it does not have it
};

/// What two models differ in: hashes, sizes of the files, and all that their cards say. Throws as find_model().
[[nodiscard]] std::vector<ModelDifference> diff_models(std::string_view a, std::string_view b);

}  // namespace vaerans
