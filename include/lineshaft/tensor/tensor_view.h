// A view: a strided window of elements in a buffer. Views own nothing and are cheap to copy.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "lineshaft/base/export.h"
#include "lineshaft/base/saturating.h"
#include "lineshaft/tensor/dtype.h"

namespace lineshaft {

inline constexpr int kMaxRank = 8;
// That a view may span: far beyond any memory, far below overflow.
inline constexpr int64_t kMaxElements = int64_t{1} << 52;

// Elements of a tensor of these sizes; INT64_MAX where there are more than that.
constexpr int64_t numel_of(std::span<const int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) count = saturating_product(count, size);
  return count;
}

// Names device memory: a slot and its generation, chosen by the recorder. Zero names nothing.
struct BufferId {
  uint64_t value = 0;
  constexpr uint32_t slot() const { return static_cast<uint32_t>(value); }
  constexpr uint32_t generation() const { return static_cast<uint32_t>(value >> 32); }
  static constexpr BufferId make(uint32_t slot, uint32_t generation) {
    return {static_cast<uint64_t>(generation) << 32 | slot};
  }
  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr bool operator==(BufferId, BufferId) = default;
};

// Element (i0, i1, ...) lies at byte `offset + size_of(dtype) * sum(i_k * strides[k])` of `buffer`.
// Stride 0 broadcasts and, like a negative stride, is for inputs only. A view with an empty buffer is absent: an
// optional operand that is not given. The functions below take a rank of kMaxRank at most and a valid dtype; what else
// a view must obey is said there, and validate_view checks it.
struct LINESHAFT_EXPORT TensorView {
  BufferId buffer;
  int64_t offset = 0;  // bytes
  DType dtype = DType::kF32;
  uint8_t rank = 0;
  std::array<int64_t, kMaxRank> sizes{};
  std::array<int64_t, kMaxRank> strides{};  // elements

  explicit operator bool() const { return static_cast<bool>(buffer); }
  std::span<const int64_t> shape() const { return {sizes.data(), rank}; }
  int64_t numel() const { return numel_of(shape()); }
  bool is_contiguous() const;
  LINESHAFT_EXPORT friend bool operator==(const TensorView& a, const TensorView& b);
};

// The half-open range of bytes that a view touches; empty for zero-size views. An end that passes 64 bits stays at
// their limit, where no buffer reaches.
struct ByteRange {
  int64_t begin = 0;
  int64_t end = 0;
};
LINESHAFT_EXPORT ByteRange byte_range(const TensorView& view);

// A row-major view of a whole buffer. Throws for more than kMaxRank sizes, for one below 0, and for more than
// kMaxElements elements.
LINESHAFT_EXPORT TensorView contiguous_view(BufferId buffer, DType dtype, std::span<const int64_t> sizes,
                                            int64_t offset = 0);
LINESHAFT_EXPORT TensorView contiguous_view(BufferId buffer, DType dtype, std::initializer_list<int64_t> sizes,
                                            int64_t offset = 0);

// `view` with broadcast axes (stride 0) in front and in place of size 1 axes, so that its sizes become `sizes`.
// Throws when the sizes do not broadcast, and for one below 0.
LINESHAFT_EXPORT TensorView broadcast_to(const TensorView& view, std::span<const int64_t> sizes);
// The same elements, axis `axis` moved to the end. A view without axes stays as it is; an axis that another view does
// not have throws.
LINESHAFT_EXPORT TensorView axis_last(TensorView view, int axis);

// The same elements in the same row-major order under other sizes, if strides can say so. Throws nothing.
LINESHAFT_EXPORT std::optional<TensorView> reshaped(const TensorView& view, std::span<const int64_t> sizes);

LINESHAFT_EXPORT bool same_shape(const TensorView& a, const TensorView& b);

// "[2, 3]".
LINESHAFT_EXPORT std::string shape_text(std::span<const int64_t> sizes);
// "f32[2, 3]{3, 1} @7+64": dtype, sizes, strides, buffer slot, byte offset.
LINESHAFT_EXPORT std::string to_string(const TensorView& view);

// Throws unless the view is well formed by itself: rank, dtype, sizes not negative, address arithmetic inside 63 bits.
LINESHAFT_EXPORT void validate_view(const TensorView& view);
// Also: no stride 0 on an axis longer than 1, no negative stride, no two indices on one element. Axes that interleave,
// such as f32[3, 3]{5, 6}, are looked at index by index, up to 4096 elements; a larger view like that is refused.
LINESHAFT_EXPORT void validate_output_view(const TensorView& view);

// How two views of an operation's operands, which validate_view takes, relate. `kPartial` is what operations with an
// output refuse.
enum class Overlap { kDisjoint, kIdentical, kPartial };
LINESHAFT_EXPORT Overlap overlap(const TensorView& a, const TensorView& b);

}  // namespace lineshaft
