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

#include "lineshaft/device/registry.h"
#include "lineshaft/ops/catalogue.h"
#include "lineshaft/program/expression.h"
#include "lineshaft/stream/stream.h"
