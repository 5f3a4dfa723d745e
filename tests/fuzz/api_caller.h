// Calls a stream as an input says, and holds every call to its contract: it works where it is right, and throws an
// Error with a text where it is not. What is read is what was written.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

#include "fuzz/choices.h"
#include "fuzz/kept_device.h"
#include "fuzz/shadow.h"
#include "fuzz/time.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft::fuzz {

// Ends the process with the text unless `holds`.
void must(bool holds, const char* what);
// An error that a caller may get: of a code of its own, with a text.
void must_explain(const Error& error);
// For calls that change nothing: whether it throws.
template <class F>
bool works(F&& f) {
  try {
    f();
    return true;
  } catch (const Error& error) {
    must_explain(error);
    return false;
  }
}

class ApiCaller {
 public:
  explicit ApiCaller(uint8_t options);
  // Whatever happened, buffers and graphs can be given back, and nothing is left of them.
  ~ApiCaller();

  void step(Step step, Choices& choices);
  uint64_t calls() const { return calls_; }
  uint64_t operations() const { return operations_; }

 private:
  enum class Expected { kWorks, kThrows, kEither };
  struct Captured {
    std::shared_ptr<Graph> graph;
    bool forgotten = false;
  };

  // Whether the call works. Once an operation has run, its error may come out of any call that works otherwise.
  template <class F>
  bool call(Expected expected, F&& f) {
    ++calls_;
    bool worked = works(f);
    must(worked || expected != Expected::kWorks || operations_ > 0, "a right call throws");
    must(!worked || expected != Expected::kThrows, "a wrong call works");
    return worked;
  }
  Expected unless_capturing() const { return capturing_ ? Expected::kThrows : Expected::kWorks; }

  // Buffers.
  BufferId create(int64_t size);
  BufferId at(size_t place);  // the buffer of a place, made where it has none
  void release(BufferId buffer);
  void write(BufferId buffer, int64_t offset, int64_t size, Choices& choices);
  void read(BufferId buffer, int64_t offset, int64_t size);
  BufferId strange(Choices& choices);  // one that is not live
  Shadow* find(BufferId buffer);
  void transfer(bool out, Choices& choices);

  // Operations.
  template <class Op>
  void record(const Op& op);
  template <class Op>
  void place(Op& op, Choices& choices);
  void record_example(Choices& choices);
  void record_program(Choices& choices);

  // Graphs and events.
  void capture(Choices& choices);
  void replay(Choices& choices);
  void forget(Choices& choices);
  void event(Choices& choices);
  void wait(Choices& choices);
  void use_strange(Choices& choices);

  static constexpr int64_t kBudget = int64_t{16} << 20;
  static constexpr size_t kPlaces = 64;

  KeptDevice device_;
  Stream stream_;
  bool capturing_ = false;
  std::vector<BufferId> places_ = std::vector<BufferId>(kPlaces);
  std::map<uint64_t, Shadow> live_;
  std::vector<BufferId> released_;
  std::vector<GraphParameter> parameters_;  // of the capture
  std::vector<Captured> graphs_;
  std::vector<Event> events_;
  uint64_t calls_ = 0, operations_ = 0;
};

// Functions that take sizes, views and numbers and touch no stream (api_helpers.cc): they give what holds, or throw.
void call_views(Choices& choices);
void call_rules(Choices& choices);
void call_frontend(Choices& choices);
// A program of random instructions; null where the builder refuses it.
ProgramRef build_program(Choices& choices);

}  // namespace lineshaft::fuzz
