# Torch::extension: the headers and libraries of the torch that the Python interpreter imports. PyTorch's own CMake package is not used: it
# drags in all that PyTorch was built with.
set(query "import os, torch\nfrom torch.utils import cpp_extension as c\nprint(torch.__version__)\nprint(';'.join(c.include_paths()))\nprint(os.path.join(os.path.dirname(torch.__file__), 'lib'))")
execute_process(COMMAND ${CMAKE_COMMAND} -E env TORCH_DEVICE_BACKEND_AUTOLOAD=0 ${Python_EXECUTABLE} -c "${query}"
                OUTPUT_VARIABLE answer ERROR_VARIABLE problem RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "lineshaft-torch is built against an installed torch, and ${Python_EXECUTABLE} cannot import one: "
                      "install torch and use --no-build-isolation.\n${problem}")
endif()
string(REGEX REPLACE "\n" "|" answer "${answer}")
string(REGEX MATCH "^([^|]*)\\|([^|]*)\\|([^|]*)$" matched "${answer}")
set(TORCH_VERSION ${CMAKE_MATCH_1})
set(torch_includes ${CMAKE_MATCH_2})
set(torch_libraries ${CMAKE_MATCH_3})
# lineshaft_torch/versions.py names the same.
set(oldest_torch 2.11)
set(newest_torch 2.15)
string(REGEX MATCH "^[0-9]+\\.[0-9]+" torch_series "${TORCH_VERSION}")
if(torch_series VERSION_LESS oldest_torch)
  message(FATAL_ERROR "lineshaft-torch needs torch ${oldest_torch} or newer; ${Python_EXECUTABLE} has ${TORCH_VERSION}. Install torch ${newest_torch}")
elseif(torch_series VERSION_GREATER newest_torch)
  message(WARNING "lineshaft-torch was tested with torch ${oldest_torch} to ${newest_torch}; ${Python_EXECUTABLE} has ${TORCH_VERSION}, which is newer. "
                  "If the build fails, install torch ${newest_torch}")
endif()
message(STATUS "torch ${TORCH_VERSION}")

add_library(Torch::extension INTERFACE IMPORTED)
target_include_directories(Torch::extension SYSTEM INTERFACE ${torch_includes})
target_compile_definitions(Torch::extension INTERFACE LINESHAFT_TORCH_VERSION="${TORCH_VERSION}" USE_C10D_GLOO USE_KINETO)
target_link_directories(Torch::extension INTERFACE ${torch_libraries})
target_link_libraries(Torch::extension INTERFACE c10 torch_cpu torch torch_python)
