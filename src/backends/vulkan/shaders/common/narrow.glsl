// ls_narrow(value, dtype): the value that is left when it is stored as the dtype (numbered as in tensor/dtype.h) and read again.
float ls_round_f16(const float value) {
  uint bits = floatBitsToUint(value), sign = bits & 0x80000000u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return value;
  if (magnitude >= 0x477ff000u) return uintBitsToFloat(sign | 0x7f800000u);
  if (magnitude < 0x38800000u) {  // below the normal numbers: a multiple of 2^-24
    float scaled = roundEven(uintBitsToFloat(magnitude) * 16777216.0);
    return uintBitsToFloat(sign | floatBitsToUint(scaled / 16777216.0));
  }
  magnitude = (magnitude + 0xfffu + ((magnitude >> 13) & 1u)) & ~0x1fffu;
  return uintBitsToFloat(sign | magnitude);
}
float ls_round_bf16(const float value) {
  uint bits = floatBitsToUint(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return value;
  return uintBitsToFloat((bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u);
}
float ls_narrow(const float value, const uint dtype) {
  return dtype == 2u ? ls_round_f16(value) : dtype == 3u ? ls_round_bf16(value) : value;
}
int ls_narrow(const int value, const uint dtype) {
  return dtype == 6u ? value << 16 >> 16 : dtype == 7u ? value << 24 >> 24 : dtype == 8u ? value & 0xff : value;
}
uvec2 ls_narrow(const uvec2 value, const uint dtype) { return value; }
#ifdef LS_NARROW_F64
double ls_narrow(const double value, const uint dtype) { return value; }
#endif
