# Torch::extension: the headers and libraries of the torch that the Python interpreter imports. PyTorch's own CMake package is not used: it
# drags in all that PyTorch was built with.
set(query "import os, torch\nfrom torch.utils import cpp_extension as c\nprint(torch.__version__)\nprint(';'.join(c.include_paths()))\nprint(os.path.join(os.path.dirname(torch.__file__), 'lib'))")
execute_process(COMMAND ${CMAKE_COMMAND} -E env TORCH_DEVICE_BACKEND_AUTOLOAD=0 ${Python_EXECUTABLE} -c "${query}"
                OUTPUT_VARIABLE answer ERROR_VARIABLE problem RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "lineshaft-torch is built against an installed torch, and ${Python_EXECUTABLE} cannot import one: "
                      "install torch 2.13 and use --no-build-isolation.\n${problem}")
endif()
string(REGEX REPLACE "\n" "|" answer "${answer}")
string(REGEX MATCH "^([^|]*)\\|([^|]*)\\|([^|]*)$" matched "${answer}")
set(TORCH_VERSION ${CMAKE_MATCH_1})
set(torch_includes ${CMAKE_MATCH_2})
set(torch_libraries ${CMAKE_MATCH_3})
if(NOT TORCH_VERSION MATCHES "^2\\.1[123]\\.")
  message(FATAL_ERROR "lineshaft-torch supports torch 2.11, 2.12 and 2.13; ${Python_EXECUTABLE} has ${TORCH_VERSION}. Install torch 2.13")
endif()
message(STATUS "torch ${TORCH_VERSION}")

add_library(Torch::extension INTERFACE IMPORTED)
target_include_directories(Torch::extension SYSTEM INTERFACE ${torch_includes})
target_compile_definitions(Torch::extension INTERFACE LINESHAFT_TORCH_VERSION="${TORCH_VERSION}" USE_C10D_GLOO USE_KINETO)
target_link_directories(Torch::extension INTERFACE ${torch_libraries})
target_link_libraries(Torch::extension INTERFACE c10 torch_cpu torch torch_python)
