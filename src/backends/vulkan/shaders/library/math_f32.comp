#version 450
#extension GL_GOOGLE_include_directive : require
#include "library/math_f32.glsl"

void main() {}
