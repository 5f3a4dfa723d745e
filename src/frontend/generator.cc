#include "lineshaft/frontend/generator.h"

#include "lineshaft/frontend/graph.h"

namespace lineshaft::frontend {
namespace {

template <class F>
bool in_graph(const GeneratorRef& generator, F&& f) {
  return is_capturing() && with_captured_draws(generator->device(), f);
}

}  // namespace

Draw Generator::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

void Generator::set_state(Draw state) {
  std::lock_guard lock(mutex_);
  state_ = state;
}

Draw Generator::take(uint64_t count) {
  std::lock_guard lock(mutex_);
  Draw taken = state_;
  state_.offset = static_cast<int64_t>(static_cast<uint64_t>(state_.offset) + count);
  return taken;
}

Draw reserve(const GeneratorRef& generator, int64_t count) {
  LS_REQUIRE(count >= 0, count, " random numbers are asked for; a count is 0 or more");
  auto counters = static_cast<uint64_t>(count);
  Draw draw;
  bool captured =
      in_graph(generator, [&](GraphDraws& draws) { draw = draws.take(draws.number_of(generator), counters); });
  return captured ? draw : generator->take(counters);
}

Draw state_of(const GeneratorRef& generator) {
  Draw state;
  bool captured = in_graph(generator, [&](GraphDraws& draws) { state = draws.state(draws.number_of(generator)); });
  return captured ? state : generator->state();
}

void set_state(const GeneratorRef& generator, Draw state) {
  bool placeholder = GraphDraws::is_placeholder(state);
  bool captured = in_graph(generator, [&](GraphDraws& draws) {
    LS_REQUIRE(placeholder,
               "while a graph is captured a generator takes only states that were taken in the same capture: the seed "
               "is each replay's. Set the state before the capture");
    draws.set_state(draws.number_of(generator), state);
  });
  if (captured) return;
  LS_REQUIRE(!placeholder,
             "this generator's state was taken while a graph was captured, and means nothing outside of it");
  generator->set_state(state);
}

void set_seed(const GeneratorRef& generator, uint64_t seed) {
  LS_REQUIRE(!is_captured(generator->device()),
             "a generator is not seeded while a graph is captured on its device: the seed is each replay's. Seed it "
             "before the capture, or before a replay");
  generator->set_state({static_cast<int64_t>(seed), 0});
}

}  // namespace lineshaft::frontend
