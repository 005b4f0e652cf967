/// @file export.h
/// Marks what libsidetone exports; everything else is hidden.
#pragma once

#if defined(_WIN32)
#define SIDETONE_API __declspec(dllexport)
#else
#define SIDETONE_API __attribute__((visibility("default")))
#endif
