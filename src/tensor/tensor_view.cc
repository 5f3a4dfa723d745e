#include "lineshaft/tensor/tensor_view.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/compiler.h"
#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

// The view's axes by ascending magnitude of their strides.
std::array<int, kMaxRank> axes_by_stride(const TensorView& view) {
  std::array<int, kMaxRank> order{};
  for (int i = 0; i < view.rank; ++i) {
    int at = i;
    for (; at > 0 && std::abs(view.strides[order[at - 1]]) > std::abs(view.strides[i]); --at) order[at] = order[at - 1];
    order[at] = i;
  }
  return order;
}

// Equal but for the strides of axes of size 1, which address nothing.
bool same_elements(const TensorView& a, const TensorView& b) {
  if (a.offset != b.offset || a.dtype != b.dtype || !same_shape(a, b)) return false;
  for (int i = 0; i < a.rank; ++i)
    if (a.sizes[i] != 1 && a.strides[i] != b.strides[i]) return false;
  return true;
}

constexpr int64_t kVisited = 4096;  // elements of a view whose strides do not tell whether it overlaps itself

// Whether two indices reach one place, by visiting all; for views whose strides do not tell.
bool repeats(const TensorView& view) {
  std::vector<int64_t> places{0};
  for (int i = 0; i < view.rank; ++i) {
    std::vector<int64_t> more;
    more.reserve(places.size() * static_cast<size_t>(view.sizes[i]));
    for (int64_t index = 0; index < view.sizes[i]; ++index)
      for (int64_t place : places) more.push_back(place + index * view.strides[i]);
    places = std::move(more);
  }
  std::sort(places.begin(), places.end());
  return std::adjacent_find(places.begin(), places.end()) != places.end();
}

// No more than kMaxRank sizes. Strides that nothing can reach are at the limit of 64 bits.
TensorView row_major(BufferId buffer, DType dtype, std::span<const int64_t> sizes, int64_t offset) {
  TensorView view{buffer, offset, dtype, static_cast<uint8_t>(sizes.size())};
  int64_t stride = 1;
  for (int i = view.rank - 1; i >= 0; --i) {
    view.sizes[i] = sizes[i];
    view.strides[i] = stride;
    stride = saturating_product(stride, sizes[i]);
  }
  return view;
}

}  // namespace

bool TensorView::is_contiguous() const {
  int64_t expected = 1;
  for (int i = rank - 1; i >= 0; --i) {
    if (sizes[i] == 0) return true;
    if (sizes[i] == 1) continue;
    if (strides[i] != expected) return false;
    expected = saturating_product(expected, sizes[i]);
  }
  return true;
}

bool operator==(const TensorView& a, const TensorView& b) {
  if (a.buffer != b.buffer || a.offset != b.offset || a.dtype != b.dtype || a.rank != b.rank) return false;
  for (int i = 0; i < a.rank; ++i)
    if (a.sizes[i] != b.sizes[i] || a.strides[i] != b.strides[i]) return false;
  return true;
}

ByteRange byte_range(const TensorView& view) {
  int64_t low = 0, high = 0;
  for (int i = 0; i < view.rank; ++i) {
    if (view.sizes[i] == 0) return {view.offset, view.offset};
    int64_t reach = saturating_product(saturating_sum(view.sizes[i], -1), view.strides[i]);
    int64_t& side = reach < 0 ? low : high;
    side = saturating_sum(side, reach);
  }
  int64_t size = size_of(view.dtype);
  return {saturating_sum(view.offset, saturating_product(low, size)),
          saturating_sum(view.offset, saturating_product(saturating_sum(high, 1), size))};
}

TensorView contiguous_view(BufferId buffer, DType dtype, std::span<const int64_t> sizes, int64_t offset) {
  LS_REQUIRE(sizes.size() <= kMaxRank, "a view of rank ", sizes.size(), " passes the limit of ", kMaxRank);
  int64_t span = 1;  // sizes of 0 count as 1, as validate_view counts them
  for (int64_t size : sizes) {
    LS_REQUIRE(size >= 0, "a view's size is ", size, ", below 0");
    span = saturating_product(span, std::max<int64_t>(size, 1));
  }
  LS_REQUIRE(span <= kMaxElements, "a view of ", shape_text(sizes), " spans more than 2^52 elements");
  return row_major(buffer, dtype, sizes, offset);
}

TensorView contiguous_view(BufferId buffer, DType dtype, std::initializer_list<int64_t> sizes, int64_t offset) {
  return contiguous_view(buffer, dtype, std::span<const int64_t>(sizes.begin(), sizes.size()), offset);
}

TensorView axis_last(TensorView view, int axis) {
  if (view.rank == 0) return view;
  LS_REQUIRE(axis >= 0 && axis < view.rank, "axis ", axis, " is outside rank ", int{view.rank});
  for (int i = axis; i + 1 < view.rank; ++i) {
    std::swap(view.sizes[i], view.sizes[i + 1]);
    std::swap(view.strides[i], view.strides[i + 1]);
  }
  return view;
}

TensorView broadcast_to(const TensorView& view, std::span<const int64_t> sizes) {
  LS_REQUIRE(view.rank <= sizes.size() && sizes.size() <= kMaxRank, "sizes ", shape_text(view.shape()),
             " do not broadcast to ", shape_text(sizes));
  TensorView out = view;
  out.rank = static_cast<uint8_t>(sizes.size());
  int shift = out.rank - view.rank;
  for (int i = out.rank - 1; i >= 0; --i) {
    int64_t size = i >= shift ? view.sizes[i - shift] : 1;
    int64_t stride = i >= shift ? view.strides[i - shift] : 0;
    LS_REQUIRE((size == sizes[i] || size == 1) && sizes[i] >= 0, "sizes ", shape_text(view.shape()),
               " do not broadcast to ", shape_text(sizes));
    out.sizes[i] = sizes[i];
    out.strides[i] = size == sizes[i] ? stride : 0;
  }
  return out;
}

Sizes broadcast_sizes(std::span<const int64_t> a, std::span<const int64_t> b) {
  if (a.size() < b.size()) std::swap(a, b);
  Sizes sizes(a.begin(), a.end());
  size_t shift = a.size() - b.size();
  for (size_t i = 0; i < b.size(); ++i) {
    int64_t& size = sizes[shift + i];
    LS_REQUIRE(size == b[i] || size == 1 || b[i] == 1, "sizes ", shape_text(a), " and ", shape_text(b),
               " do not broadcast: ", size, " and ", b[i], " of axis ", shift + i, " are neither equal nor 1");
    if (size == 1) size = b[i];
  }
  return sizes;
}

std::optional<TensorView> reshaped(const TensorView& view, std::span<const int64_t> sizes) {
  if (sizes.size() > kMaxRank || numel_of(sizes) != view.numel()) return std::nullopt;
  if (std::ranges::any_of(sizes, [](int64_t size) { return size < 0; })) return std::nullopt;
  TensorView out = row_major(view.buffer, view.dtype, sizes, view.offset);
  if (out.numel() == 0) return out;
  // Walk both shapes from the inside; each group of old axes that steps evenly is one chunk for new axes to split.
  int to = out.rank - 1;
  int64_t chunk = 1, stride = 0;
  bool open = false;
  for (int from = view.rank - 1; from >= 0; --from) {
    if (!open) stride = view.strides[from];
    chunk = saturating_product(chunk, view.sizes[from]);
    open = chunk > 1;
    if (!open) continue;
    bool joins = from > 0 && (view.sizes[from - 1] == 1 || view.strides[from - 1] == saturating_product(chunk, stride));
    if (joins) continue;
    int64_t step = stride, left = chunk;
    for (; to >= 0 && (left > 1 || out.sizes[to] == 1); --to) {
      if (left % out.sizes[to] != 0) return std::nullopt;
      out.strides[to] = step;
      step = saturating_product(step, out.sizes[to]);
      left /= out.sizes[to];
    }
    if (left != 1) return std::nullopt;
    chunk = 1;
    open = false;
  }
  return out;
}

bool same_shape(const TensorView& a, const TensorView& b) {
  return std::ranges::equal(a.shape(), b.shape());
}

std::string shape_text(std::span<const int64_t> sizes) {
  std::string text = "[";
  for (size_t i = 0; i < sizes.size(); ++i) text += (i ? ", " : "") + std::to_string(sizes[i]);
  return text + "]";
}

std::string to_string(const TensorView& view) {
  if (!view) return "none";
  size_t rank = std::min<size_t>(view.rank, kMaxRank);  // of a view that is refused it may be any number
  std::string strides = shape_text({view.strides.data(), rank});
  strides.front() = '{';
  strides.back() = '}';
  return concat(name_of(view.dtype), shape_text({view.sizes.data(), rank}), strides, " @", view.buffer.slot(), "+",
                view.offset);
}

void validate_view(const TensorView& view) {
  LS_REQUIRE(is_valid(view.dtype), "dtype number ", static_cast<int>(view.dtype), " is unknown");
  LS_REQUIRE(view.rank <= kMaxRank, "a view of rank ", int{view.rank}, " passes the limit of ", kMaxRank);
  LS_REQUIRE(view.offset >= 0, "a view's offset is ", view.offset, " bytes, below 0");
  LS_REQUIRE(view.offset % size_of(view.dtype) == 0, "a view's offset of ", view.offset,
             " bytes is no multiple of its element size ", size_of(view.dtype));
  constexpr int64_t kLimit = kMaxElements;
  LS_REQUIRE(view.offset <= kLimit, "a view's offset of ", view.offset, " bytes is more than 2^52");
  Int128 numel = 1,
         reach = 0;  // sizes of 0 count as 1, so that products of some of the sizes are inside the limit too
  for (int i = 0; i < view.rank; ++i) {
    LS_REQUIRE(view.sizes[i] >= 0, "a view's size is ", view.sizes[i], ", below 0");
    LS_REQUIRE(view.strides[i] >= -kLimit && view.strides[i] <= kLimit, "a view's stride is ", view.strides[i],
               ", more than 2^52 elements");
    numel *= std::max<int64_t>(view.sizes[i], 1);
    Int128 span = static_cast<Int128>(view.sizes[i]) * view.strides[i];
    reach += span < 0 ? -span : span;
    LS_REQUIRE(numel <= kLimit && reach <= kLimit, "a view of ", shape_text(view.shape()),
               " spans more than 2^52 elements");
  }
}

void validate_output_view(const TensorView& view) {
  validate_view(view);
  auto order = axes_by_stride(view);
  int64_t reach = 0;
  bool visited = false;
  if (view.numel() == 0) return;
  for (int i = 0; i < view.rank; ++i) {
    int axis = order[i];
    if (view.sizes[axis] <= 1) continue;
    bool apart = view.strides[axis] > reach;
    if (!apart && view.strides[axis] > 0 && !visited && view.numel() <= kVisited) visited = !repeats(view);
    LS_REQUIRE(apart || (visited && view.strides[axis] > 0), "an output view ", to_string(view),
               " overlaps itself along axis ", axis);
    reach += (view.sizes[axis] - 1) * view.strides[axis];
  }
}

Overlap overlap(const TensorView& a, const TensorView& b) {
  if (a.buffer != b.buffer) return Overlap::kDisjoint;
  if (same_elements(a, b)) return Overlap::kIdentical;
  ByteRange x = byte_range(a), y = byte_range(b);
  if (x.begin == x.end || y.begin == y.end || x.end <= y.begin || y.end <= x.begin) return Overlap::kDisjoint;
  // Interleaved windows (the columns of one matrix, say): equal strides, and offsets that differ within every stride.
  if (a.rank == b.rank && a.dtype == b.dtype && a.strides == b.strides) {
    int64_t delta = std::abs(a.offset - b.offset) / size_of(a.dtype);
    auto order = axes_by_stride(a);
    for (int i = a.rank - 1; i >= 0; --i) {  // from the largest stride
      int64_t stride = std::abs(a.strides[order[i]]);
      int64_t inner = 0;
      for (int j = 0; j < i; ++j) {
        int64_t reach = std::max(a.sizes[order[j]], b.sizes[order[j]]) - 1;
        inner += reach * std::abs(a.strides[order[j]]);
      }
      if (stride == 0 || stride <= inner) break;
      int64_t rest = delta % stride;
      if (rest > inner && stride - rest > inner) return Overlap::kDisjoint;
      if (rest <= inner && stride - rest <= inner) break;  // two candidates: do not follow both
      delta = std::min(rest, stride - rest);
    }
  }
  return Overlap::kPartial;
}

}  // namespace lineshaft
