#include "api/strips/borrowed.hpp"

#include <cstring>
#include <memory>

namespace vaerans {
namespace {

class BorrowedPixels final : public DeferredValues {
 public:
  explicit BorrowedPixels(const ImageView& picture) : picture_(picture) {}
  void fetch(std::span<std::byte> to) const override {
    const std::size_t row = picture_.width * picture_.pixel_bytes();
    for (std::uint64_t y = 0; y < picture_.height; ++y)
      std::memcpy(to.data() + y * row, picture_.data + y * picture_.stride(), row);
  }
  [[nodiscard]] const ImageView& view() const noexcept { return picture_; }

 private:
  ImageView picture_;
};

}  // namespace

EntityId spawn_borrowed(World& world, const ImageView& picture) {
  World::check_image(picture);
  const EntityId entity = world.new_entity();
  const TensorRef data =
      world.arena().alloc_tensor(Shape{picture.height, picture.width, picture.channels}, picture.dtype);
  world.arena().defer(data, std::make_shared<const BorrowedPixels>(picture));
  world.set_tensor(entity, "RGB", Kind::image, data);
  return entity;
}

std::optional<ImageView> borrowed_view(World& world, const Component& picture) {
  const auto values = world.arena().deferred(picture.data);
  const auto* const pixels = dynamic_cast<const BorrowedPixels*>(values.get());
  return pixels == nullptr ? std::nullopt : std::optional(pixels->view());
}

}  // namespace vaerans
