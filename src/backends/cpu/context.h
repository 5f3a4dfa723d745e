// What the CPU backend gives its operations: addresses, scratch memory, threads, and a place to report bad indices.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/cpu/kept.h"
#include "lineshaft/ops/catalogue.h"

namespace lineshaft::cpu {

class Context {
 public:
  virtual ~Context() = default;

  // The address of the view's element (0, 0, ...). The buffer gets memory at first use.
  template <class T = std::byte>
  T* data(const TensorView& view) {
    return reinterpret_cast<T*>(base(view.buffer) + view.offset);
  }

  // Scratch of at least `bytes`, aligned to 64, uninitialized; freed when the operation returns. Several live at once.
  virtual void* scratch(size_t bytes) = 0;
  template <class T>
  T* scratch(size_t count) {
    return static_cast<T*>(scratch(count * sizeof(T)));
  }

  // Remembers the first bad index; thrown at the next wait. Thread-safe.
  virtual void report_index(int64_t index, int64_t bound) = 0;
  // The same for a requirement that values do not meet.
  virtual void report_requirement(Requirement requirement) = 0;

  // How often the buffer has been written since it was made: the key under which derived data (packed weights) is
  // cached.
  virtual uint64_t write_count(BufferId buffer) = 0;

  // What operations keep between calls: it ends with the device, and no other device sees it. There is no lock, as one
  // thread at a time executes (lineshaft/commands/executor.h), whichever it is: so ask where an operation begins, not
  // inside a parallel loop.
  template <class T>
  T& kept() {
    return kept_.get<T>();
  }

 protected:
  virtual std::byte* base(BufferId buffer) = 0;

 private:
  Kept kept_;
};

// One overload an operation: backends/cpu/ops/<name>.cc.
#define LINESHAFT_OPERATION(Type, name) void run(Context& context, const Type& op);
#include "lineshaft/ops/catalogue.def"

}  // namespace lineshaft::cpu
