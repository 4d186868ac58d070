# Writes OUTPUT, a header that defines CICADA_COMMIT, from the git state of SOURCE_DIR. Runs in every build and touches
# the file only when the commit (or whether there are uncommitted changes) has changed. Without git: "unknown".
cmake_minimum_required(VERSION 3.25)
find_package(Git QUIET)
set(commit unknown)
if(GIT_FOUND)
  execute_process(
    COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=40 --exclude=*
    WORKING_DIRECTORY ${SOURCE_DIR}
    OUTPUT_VARIABLE described
    OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET
    RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define CICADA_COMMIT \"@commit@\"\n" @ONLY)
