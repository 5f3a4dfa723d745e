// a / d without the device's integer division, which some run lane by lane. Exact for a < 2^31.
uint fast_divide(uint a, uint d) {
  float inverse = 1.0 / float(d);
  uint q = uint(float(a) * inverse);
  q += uint(int(floor(float(int(a - q * d)) * inverse)));
  int rest = int(a - q * d);
  return rest < 0 ? q - 1u : uint(rest) >= d ? q + 1u : q;
}
