#include <optional>

#include "backends/cpu/dnn/onednn.h"
#include "backends/cpu/dnn/product.h"
#include "lineshaft/device/counters.h"

namespace lineshaft::cpu {
namespace {

struct Cached {
  std::optional<dnnl::matmul> primitive;  // none: oneDNN has only its reference for this
  dnnl::memory::desc a, b, c, scratchpad;
};

struct Primitives {
  LruCache<Cached> cache{256};
};

bool is_plain(const Matrices& m, int64_t batch, int64_t rows, int64_t columns) {
  // Batches may lie in one another, as windows of one array do.
  int64_t sizes[] = {m.batch_stride == 0 ? 1 : batch, rows, columns}, strides[] = {m.batch_stride, m.row, m.column};
  if (!is_describable(sizes, strides)) return false;
  bool by_rows = (m.column == 1 || columns == 1) && (m.row >= columns || rows == 1);
  bool by_columns = (m.row == 1 || rows == 1) && (m.column >= rows || columns == 1);
  return by_rows || by_columns;
}

Cached make(const Product& p) {
  auto desc = [&](const Matrices& m, int64_t rows, int64_t columns) {
    int64_t batch = m.batch_stride == 0 ? 1 : p.batch;
    // A leading dimension of a single row or column means nothing: give it the value that oneDNN expects.
    int64_t row = rows == 1 ? columns * (columns == 1 ? 1 : m.column) : m.row;
    int64_t column = columns == 1 ? (m.row == 1 ? rows : 1) : m.column;
    int64_t sizes[] = {batch, rows, columns}, strides[] = {batch == 1 ? rows * columns : m.batch_stride, row, column};
    int skip = p.batch == 1 ? 1 : 0;
    return onednn_desc(m.dtype, {sizes + skip, sizes + 3}, {strides + skip, strides + 3});
  };
  Cached cached{{}, desc(p.a, p.m, p.k), desc(p.b, p.k, p.n), desc(p.c, p.m, p.n), {}};
  auto pd = onednn_primitive<dnnl::matmul>(cached.a, cached.b, cached.c);
  if (!pd || std::string_view(pd.impl_info_str()).find("ref") != std::string_view::npos) return cached;
  cached.primitive.emplace(pd);
  count_compilation();
  cached.scratchpad = pd.scratchpad_desc();
  return cached;
}

std::string_view product_key(const Product& p, KeyBytes& key) {
  key.add(p.batch).add(p.m).add(p.n).add(p.k);
  for (const Matrices* m : {&p.a, &p.b, &p.c}) key.add(m->dtype).add(m->batch_stride).add(m->row).add(m->column);
  return key.view();
}

}  // namespace

bool multiply_onednn(Context& context, const Product& p) {
  bool result_fits = p.c.dtype == p.a.dtype || p.c.dtype == DType::kF32;
  bool repeats = p.batch > 1 && p.a.batch_stride == 0 && p.b.batch_stride == 0;  // one operand has to have the batch
  if (!result_fits || repeats || !is_plain(p.a, p.batch, p.m, p.k) || !is_plain(p.b, p.batch, p.k, p.n) ||
      !is_plain(p.c, p.batch, p.m, p.n) || p.c.column != 1 || p.c.row < p.n)
    return false;
  KeyBytes bytes;
  Cached& cached = context.kept<Primitives>().cache.get(product_key(p, bytes), [&] { return make(p); });
  if (!cached.primitive) return false;
  cached.primitive->execute(
      onednn_stream(context),
      {{DNNL_ARG_SRC, onednn_memory(cached.a, p.a.data)},
       {DNNL_ARG_WEIGHTS, onednn_memory(cached.b, p.b.data)},
       {DNNL_ARG_DST, onednn_memory(cached.c, p.c.data)},
       {DNNL_ARG_SCRATCHPAD, onednn_memory(cached.scratchpad, context.scratch(cached.scratchpad.get_size()))}});
  return true;
}

}  // namespace lineshaft::cpu
