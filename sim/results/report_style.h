// The style sheet of the pages, and the small script of a comparison's. Thread rule: plain functions.
#pragma once

namespace gemeo {

char const* page_style();
char const* page_script();

}  // namespace gemeo
