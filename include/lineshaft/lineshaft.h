// Lineshaft's public C++ interface in one include.
//
//   OpenDevice& device = open_device(0);            // the best device there is
//   Stream& stream = device.stream();
//   BufferId x = stream.create(4096);
//   stream.record(Map{...});                        // returns at once
//   stream.read(x, 0, host, 4096);                  // waits
//
// Errors are thrown as lineshaft::Error. See examples/.
#pragma once

#include "device/registry.h"
#include "ops/catalogue.h"
#include "program/expression.h"
#include "stream/stream.h"
