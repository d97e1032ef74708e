// Inside of xml.cpp and xml_file.cpp: an expat parser bound to a handler. An exception of the handler stops the parser
// and is thrown again by check().
#pragma once

#include <expat.h>

#include <exception>
#include <filesystem>
#include <memory>
#include <type_traits>

#include "sim/core/xml.h"

namespace gemeo::xml {

struct parser_state {
  std::filesystem::path file;
  xml_handler* handler = nullptr;
  XML_Parser parser = nullptr;
  int depth = 0;
  std::exception_ptr failure;
};

using parser_ptr = std::unique_ptr<std::remove_pointer_t<XML_Parser>, void (*)(XML_Parser)>;

// s must stay where it is while the parser lives. Text between tags is left out for a handler that does not want it.
parser_ptr make_parser(parser_state& s);
// After each call of XML_Parse.
void check(parser_state& s, XML_Status status);

}  // namespace gemeo::xml
