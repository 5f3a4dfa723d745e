// The interface of the CPU backend for its operations: addresses of buffers, scratch memory, the reporting of errors,
// and objects that are kept between calls. Only functions that say so may be called inside parallel loops.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/cpu/kept.h"
#include "lineshaft/ops/catalogue.h"

namespace lineshaft::cpu {

class Context {
 public:
  virtual ~Context() = default;

  // The address of the view's element (0, 0, ...). The buffer gets memory at the first call.
  template <class T = std::byte>
  T* data(const TensorView& view) {
    return reinterpret_cast<T*>(base(view.buffer) + view.offset);
  }

  // Uninitialized scratch of at least `bytes`, aligned to 64 bytes. Each call gives new scratch; all is freed when the
  // operation returns.
  virtual void* scratch(size_t bytes) = 0;
  template <class T>
  T* scratch(size_t count) {
    return static_cast<T*>(scratch(count * sizeof(T)));
  }

  // Reports an index outside its bound. The first error is kept, and the next wait throws it. Thread-safe.
  virtual void report_index(int64_t index, int64_t bound) = 0;
  // The same for a requirement of ops/check.h that is not met.
  virtual void report_requirement(Requirement requirement) = 0;

  // How often the buffer has been written since it was created. Data that is derived from the buffer, such as packed
  // weights, is cached under this number.
  virtual uint64_t write_count(BufferId buffer) = 0;

  // The one T that operations of this device keep between calls; it is destroyed with the device. There is no lock,
  // because one thread at a time executes commands (lineshaft/commands/executor.h). So call it at the begin of an
  // operation, not inside a parallel loop.
  template <class T>
  T& kept() {
    return kept_.get<T>();
  }

 protected:
  virtual std::byte* base(BufferId buffer) = 0;

 private:
  Kept kept_;
};

// One overload for each operation, in backends/cpu/ops/<name>.cc.
#define LINESHAFT_OPERATION(Type, name) void run(Context& context, const Type& op);
#include "lineshaft/ops/catalogue.def"

}  // namespace lineshaft::cpu
