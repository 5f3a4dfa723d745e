"""Every test has the device, installed or straight from the source tree."""

import lineshaft_torch  # noqa: F401
