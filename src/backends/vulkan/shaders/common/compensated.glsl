// Before it: KIND, 0 for a sum, 1 for a product, 4 for a log-sum-exp. Running sums, products and log-sum-exps in T that do not drift: beside what is rounded runs what the rounding lost.
struct State {
  T high, low;  // a sum is high + low, a product high + high * low
  T top;        // a log-sum-exp is top + log(high + low)
};

bool nan(const T x) { return x != x; }
bool less(const T x, const T y) { return x < y; }
bool finite(const T x) { return abs(x) < INFINITY; }

// A sum begins with 0: -0 alone gives 0.
State start(const T x) {
  if (KIND == 4) return State(T(1), T(0), x);
  return State(KIND == 0 && x == T(0) ? T(0) : x, T(0), x);
}

// What the rounding lost is added with the next number; Knuth's sum finds it.
State add(const State s, const T y) {
  precise T next = y + s.low;
  precise T sum = s.high + next;
  precise T part = sum - s.high;
  precise T error = (s.high - (sum - part)) + (next - part);
  return State(sum, finite(sum) ? error : T(0), s.top);
}
#ifdef F64
T upper_half(const T x) {
  uvec2 bits = unpackDouble2x32(x);
  return packDouble2x32(uvec2(bits.x & 0xf8000000u, bits.y));
}
const T LEAST = T(1e-250LF);
#else
T upper_half(const T x) { return uintBitsToFloat(floatBitsToUint(x) & 0xfffff000u); }
const T LEAST = T(1e-28);
#endif
// Dekker's product of two numbers with its error, which is kept in parts of the product.
State multiply(const State s, const T y) {
  precise T product = s.high * y;
  if (!finite(product) || abs(product) < LEAST) return State(product, abs(product) < LEAST ? s.low : T(0), s.top);
  T a = upper_half(s.high), b = upper_half(y);
  precise T c = s.high - a, d = y - b;
  precise T error = ((a * b - product) + a * d + c * b) + c * d;
  return State(product, s.low + error / product, s.top);
}

// The sum is counted in parts of exp(top), which moves on where terms are much greater: what was summed until then is little.
State log_add(const State s, const T y) {
  if (nan(y) || nan(s.top)) return State(T(1), T(0), y + s.top);
  if (y == -INFINITY || s.top == INFINITY) return s;
  if (y == INFINITY || s.top == -INFINITY) return State(T(1), T(0), y);
  if (y - s.top <= T(2)) return add(s, F(exp)(y - s.top));
  T scale = F(exp)(s.top - y);
  return add(State(s.high * scale, s.low * scale, y), T(1));
}

T result_of(const State s) {
  if (KIND == 4) return finite(s.top) ? s.top + F(log)(s.high + s.low) : s.top;
  if (!finite(s.high)) return s.high;
  return s.high + (KIND == 1 ? s.high * s.low : s.low);
}
