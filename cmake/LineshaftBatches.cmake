# Sources of one folder that are compiled as one: a first build takes half the time, as headers are read once a batch.
set(LINESHAFT_BATCH 0 CACHE STRING "Sources that are compiled as one, for a quick first build; 0: each by itself")

# lineshaft_batches(TARGET NAME SOURCE...): of these sources, which lie in the calling folder.
function(lineshaft_batches target name)
  if(NOT LINESHAFT_BATCH)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  set(number 0)
  foreach(source ${ARGN})
    math(EXPR batch "${number} / ${LINESHAFT_BATCH}")
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${name}_${batch})
    math(EXPR number "${number} + 1")
  endforeach()
endfunction()
