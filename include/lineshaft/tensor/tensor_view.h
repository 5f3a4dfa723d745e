// A view: a strided window of elements in a buffer. Views own nothing and are cheap to copy.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

#include "lineshaft/base/export.h"
#include "lineshaft/base/inline_vector.h"
#include "lineshaft/base/saturating.h"
#include "lineshaft/tensor/dtype.h"

namespace lineshaft {

inline constexpr int kMaxRank = 8;
// The most elements that a view may span: far beyond any memory, far below overflow.
inline constexpr int64_t kMaxElements = int64_t{1} << 52;

// Sizes that a rule gives.
using Sizes = InlineVector<int64_t, kMaxRank>;

// The number of elements of a tensor of these sizes; INT64_MAX where the number is larger than that.
constexpr int64_t numel_of(std::span<const int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) count = saturating_product(count, size);
  return count;
}

// The name of a device buffer: a slot and its generation, which the stream (or another recorder) chooses. A slot is
// reused with a new generation, so that a stale name is noticed. 0 names no buffer.
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

// Element (i0, i1, ...) lies at byte `offset + size_of(dtype) * sum(i_k * strides[k])` of `buffer`. Stride 0
// broadcasts; it and negative strides are for inputs only. A view whose buffer is 0 is absent: an optional operand that
// is not given. The functions below require a rank of at most kMaxRank and a valid dtype; validate_view checks all that
// a view must obey. All of them may be called from any thread.
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

// The half-open range of bytes of its buffer that a view touches; empty for a view without elements. A limit that does
// not fit in int64_t is clamped, and so lies outside every buffer.
struct ByteRange {
  int64_t begin = 0;
  int64_t end = 0;
};
LINESHAFT_EXPORT ByteRange byte_range(const TensorView& view);

// A row-major view from byte `offset` of the buffer on. Throws Error(kInvalidArgument) for more than kMaxRank sizes,
// for a size below 0, and for more than kMaxElements elements.
LINESHAFT_EXPORT TensorView contiguous_view(BufferId buffer, DType dtype, std::span<const int64_t> sizes,
                                            int64_t offset = 0);
LINESHAFT_EXPORT TensorView contiguous_view(BufferId buffer, DType dtype, std::initializer_list<int64_t> sizes,
                                            int64_t offset = 0);

// `view` with broadcast axes (stride 0) in front and in place of size 1 axes, so that its sizes become `sizes`. Throws
// Error(kInvalidArgument) where the sizes do not broadcast, or a size is below 0.
LINESHAFT_EXPORT TensorView broadcast_to(const TensorView& view, std::span<const int64_t> sizes);
// The sizes to which tensors of sizes `a` and `b` both broadcast, of any rank: axes are matched from the last one on,
// and of two sizes one is 1 or both are equal. Throws Error(kInvalidArgument) where they do not broadcast.
LINESHAFT_EXPORT Sizes broadcast_sizes(std::span<const int64_t> a, std::span<const int64_t> b);
// The same elements with axis `axis` moved to the end. A view without axes is returned unchanged, whatever `axis` is;
// otherwise an axis outside 0 to rank - 1 throws Error(kInvalidArgument).
LINESHAFT_EXPORT TensorView axis_last(TensorView view, int axis);

// A view without axes as one of one element along one axis. Others, and an absent one, stay as they are.
inline TensorView at_least_1d(TensorView view) {
  if (!view || view.rank > 0) return view;
  view.rank = 1;
  view.sizes[0] = view.strides[0] = 1;
  return view;
}

// The same elements in the same row-major order under other sizes, as torch.Tensor.view gives them. Nothing where no
// strides describe that, or where the sizes do not fit. Does not throw.
LINESHAFT_EXPORT std::optional<TensorView> reshaped(const TensorView& view, std::span<const int64_t> sizes);

LINESHAFT_EXPORT bool same_shape(const TensorView& a, const TensorView& b);

// "[2, 3]".
LINESHAFT_EXPORT std::string shape_text(std::span<const int64_t> sizes);
// "f32[2, 3]{3, 1} @7+64": dtype, sizes, strides, buffer slot, byte offset. "none" for an absent view.
LINESHAFT_EXPORT std::string to_string(const TensorView& view);

// Throws Error(kInvalidArgument) unless the view is well formed by itself: a valid dtype, a rank of at most kMaxRank,
// sizes that are not negative, an offset that is a multiple of the element size, and offset, strides and span within
// 2^52. It does not know the size of the buffer.
LINESHAFT_EXPORT void validate_view(const TensorView& view);
// What validate_view requires, and that the view can be written: on axes longer than 1 no stride 0 and no negative
// stride, and no two indices that address the same element. For axes that interleave, such as f32[3, 3]{5, 6}, every
// index is checked, up to 4096 elements; a larger view of this kind is refused. Throws Error(kInvalidArgument).
LINESHAFT_EXPORT void validate_output_view(const TensorView& view);

// How the memory of two valid views relates: they share none; they are the same elements in the same order; or they
// share some, or may share some where their strides do not tell. Where one of the two is an output, operations refuse
// `kPartial`.
enum class Overlap { kDisjoint, kIdentical, kPartial };
LINESHAFT_EXPORT Overlap overlap(const TensorView& a, const TensorView& b);

}  // namespace lineshaft
