# cmake -DSOURCE=.. -DIN=version.cpp.in -DOUT=version.cpp -DPROJECT_VERSION=.. -P commit.cmake
execute_process(COMMAND git --no-optional-locks describe --always --abbrev=12 --exclude=* --dirty WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE GEMEO_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR GEMEO_COMMIT STREQUAL "")
  set(GEMEO_COMMIT unknown)
endif()
configure_file(${IN} ${OUT} @ONLY)
