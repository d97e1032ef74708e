#define TOML_IMPLEMENTATION
#include "sim/demand/toml_library.h"
