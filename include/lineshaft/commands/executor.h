// The interface by which a stream runs its command lists on a device. submit, read and trim are called by one thread at
// a time: by the stream's own thread, unless threads() allows others. All other functions may be called by any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "lineshaft/base/error.h"
#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

struct ExecutorMemory {
  int64_t reserved = 0;  // bytes that the device has allocated from the system: buffers, caches, scratch
  int64_t in_use = 0;    // bytes of these that live buffers occupy
};

class Staging;

class LINESHAFT_EXPORT Executor {
 public:
  virtual ~Executor() = default;

  // Which threads may call submit, read and trim, one at a time. Where threads other than the stream's own may, a
  // thread that waits for the stream does the stream's work itself, which saves waking two threads.
  enum class Threads {
    kOwn,             // only the stream's own thread
    kOwnUnlessShort,  // any thread; but lists that take long are left to the stream's own, which runs them in parallel
                      // to recording
    kAny,             // any thread; wait and read of this executor poll for a while before they sleep
    kRecording,       // any thread, also a thread that records: a second thread in parallel would gain nothing
  };
  virtual Threads threads() const { return Threads::kOwn; }

  // The device's memory through which uploads should be sent; null where any memory will do. The executor owns it.
  virtual Staging* staging() { return nullptr; }

  // Whether submit takes the commands kReplay and kForget. If not, the stream replaces them by the graph's commands
  // (expand_graphs) before it submits a list.
  virtual bool keeps_graphs() const { return false; }

  // Runs the commands in order. May return before they are done; the caller keeps `list` valid until completed()
  // reaches `ticket`. Each ticket is one more than the ticket before. Errors that operations find while they run are
  // not thrown here, but given by take_error.
  virtual void submit(const CommandList& list, uint64_t ticket) = 0;
  // The last ticket up to which all work is done.
  virtual uint64_t completed() const = 0;
  // Blocks until all work up to `ticket`, which has been submitted, is done.
  virtual void wait(uint64_t ticket) = 0;
  // Copies bytes from a buffer to host memory. The caller has waited for all work that writes the buffer. `size` may be
  // 0, for a read as for an upload; the pointer may then be null.
  virtual void read(BufferId buffer, int64_t offset, void* destination, int64_t size) = 0;
  // Returns the first error that was found while running since the last call, such as an index out of its bound or a
  // lost device.
  virtual std::optional<Error> take_error() = 0;
  // Returns cached memory to the system.
  virtual void trim() = 0;
  virtual ExecutorMemory memory() const = 0;
  // Bytes that live buffers of this stream may take, where other programs share the device's memory. It is the value
  // that was received last; trim asks for a new one.
  virtual int64_t limit() const { return INT64_MAX; }
};

}  // namespace lineshaft
