// Weights in oneDNN's own layouts, which are kept as long as their buffer is not written: inference and frozen layers
// pack their weights once. Weights that change at every step are not kept. Each device has one:
// context.kept<PackedWeights>().
#pragma once

#include <memory>

#include "backends/cpu/dnn/onednn.h"

namespace lineshaft::cpu {

class PackedWeights {
 public:
  static constexpr size_t kMaxBytes = size_t{256} << 20;

  // The weights of `view` in memory with the descriptor `packed`. pack(memory) packs them where they are not kept; they
  // are kept from the second use of the same values on. `layout` distinguishes several layouts of one view.
  template <class Pack>
  dnnl::memory get(Context& context, const TensorView& view, uint64_t layout, const dnnl::memory::desc& packed,
                   Pack&& pack) {
    Entry& entry = find(context, view, layout);
    if (entry.kept) return dnnl::memory(packed, onednn_engine(), entry.kept.get());
    size_t size = packed.get_size();
    void* data = entry.uses++ > 0 && size <= kMaxBytes / 4 ? keep(entry, size) : context.scratch(size);
    dnnl::memory memory(packed, onednn_engine(), data);
    pack(memory);
    return memory;
  }

  size_t bytes() const { return bytes_; }
  void clear();

 private:
  struct Free {
    void operator()(void* data) const;
  };
  struct Entry {
    std::string key;
    uint64_t write_count = 0;
    int uses = 0;
    size_t size = 0;
    std::unique_ptr<void, Free> kept;
  };
  Entry& find(Context& context, const TensorView& view, uint64_t layout);
  void* keep(Entry& entry, size_t size);
  void drop_last();

  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
  size_t bytes_ = 0;
};

}  // namespace lineshaft::cpu
