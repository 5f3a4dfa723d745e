// LINESHAFT_EXPORT stands before each function, class and variable that the engine's library offers: all else in it is
// hidden, so that nothing of it clashes with what a program has, and calls inside need no table. It is for what a
// source defines, and for classes with virtual functions and exceptions, whose types have to be the same on both sides.
// What a header defines itself, inline or as a template, needs none. scripts/check_exports.py finds what is forgotten.
#pragma once

#if defined(LINESHAFT_STATIC)
// The engine is part of the program: the unit tests.
#define LINESHAFT_EXPORT
#elif defined(_WIN32)
#ifdef LINESHAFT_BUILDING
#define LINESHAFT_EXPORT __declspec(dllexport)
#else
#define LINESHAFT_EXPORT __declspec(dllimport)
#endif
#else
#define LINESHAFT_EXPORT __attribute__((visibility("default")))
#endif
