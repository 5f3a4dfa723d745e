// What a stream hands its lists to: the device's side of the command list. One thread at a time calls submit, read and
// trim, the stream's unless threads() says otherwise; any thread may call the others.
#pragma once

#include <cstdint>
#include <optional>

#include "lineshaft/base/error.h"
#include "lineshaft/base/export.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft {

struct ExecutorMemory {
  int64_t reserved = 0;  // bytes held from the system: buffers, caches, scratch
  int64_t in_use = 0;    // of these, bytes that live buffers occupy
};

class Staging;

class LINESHAFT_EXPORT Executor {
 public:
  virtual ~Executor() = default;

  // From which threads submit, read and trim may come, one at a time. Where others than the stream's may, who waits for
  // the stream does the work itself, which saves waking two threads.
  enum class Threads {
    kOwn,             // the stream's only
    kOwnUnlessShort,  // any; what takes long is left to the stream's, which does it beside the recording
    kAny,             // any; wait and read look for a while before they sleep
    kRecording,       // any, and who records may run a list as well: a thread beside that one gains nothing
  };
  virtual Threads threads() const { return Threads::kOwn; }

  // Memory of the device's own through which uploads are best sent; null where any memory will do.
  virtual Staging* staging() { return nullptr; }

  // Whether submit takes kReplay and kForget, as what forwards lists does; else the stream puts a graph's commands
  // there.
  virtual bool keeps_graphs() const { return false; }

  // Runs the commands in order. May return before they are done; `list` stays valid until wait(ticket) would return.
  // Tickets ascend by one. Does not throw for what operations find while running: see take_error.
  virtual void submit(const CommandList& list, uint64_t ticket) = 0;
  // The last ticket of which all is done.
  virtual uint64_t completed() const = 0;
  // Blocks until `ticket`, already submitted, is done.
  virtual void wait(uint64_t ticket) = 0;
  // Copies bytes out of a buffer. All work that writes it is done. `size` may be 0, as an upload's may: its pointer may
  // be null then.
  virtual void read(BufferId buffer, int64_t offset, void* destination, int64_t size) = 0;
  // The first error found while running since the last call: an index out of its bound, a lost device.
  virtual std::optional<Error> take_error() = 0;
  // Gives cached memory back to the system.
  virtual void trim() = 0;
  virtual ExecutorMemory memory() const = 0;
  // Bytes that live buffers may take, where others share what this stream may use; as last heard: trim asks anew.
  virtual int64_t limit() const { return INT64_MAX; }
};

}  // namespace lineshaft
