#include "sim/demand/csv.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/error.h"
#include "sim/core/text_file.h"
#include "sim/core/xml.h"

namespace gemeo {

namespace {

// Of a file that is no table the first field may be all of it.
std::string shown(std::string const& field) {
  constexpr std::size_t kMost = 80;
  return field.size() <= kMost ? field : field.substr(0, kMost) + "...";
}

}  // namespace

csv_table::csv_table(std::filesystem::path file, std::vector<std::string> required, std::vector<std::string> optional)
    : file_(std::move(file)), text_(read_text_file(file_)) {
  if (text_.rfind("\xEF\xBB\xBF", 0) == 0) body_ = 3;
  if (std::size_t const zero = text_.find('\0'); zero != std::string::npos) {
    auto const line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(zero), '\n');
    throw_input(fmt::format("{}:{}", file_.string(), line), "holds a byte 0", "save the file as UTF-8 text");
  }
  parse_header(required, optional);
}

void csv_table::parse_header(std::vector<std::string> const& required, std::vector<std::string> const& optional) {
  std::size_t line = 1;
  if (!next(body_, line, columns_))
    throw_input(file_.string(), "is empty", "a header line with column names is needed");
  body_line_ = line;
  if (columns_.size() == 1 && columns_[0].find(';') != std::string::npos)
    throw_input(fmt::format("{}:1", file_.string()), "its columns are separated by ';'",
                "commas separate columns, and numbers have a decimal point");
  std::vector<std::string> known = required;
  known.insert(known.end(), optional.begin(), optional.end());
  for (std::string const& c : columns_) {
    if (std::find(known.begin(), known.end(), c) == known.end()) {
      std::string const near = did_you_mean(c, known);
      throw_input(fmt::format("{}:1", file_.string()), fmt::format("unknown column '{}'", shown(c)),
                  near.empty() ? fmt::format("the columns are {}", fmt::join(known, ", ")) : near);
    }
    if (std::count(columns_.begin(), columns_.end(), c) > 1) {
      throw_input(fmt::format("{}:1", file_.string()), fmt::format("column '{}' stands there twice", c));
    }
  }
  for (std::string const& c : required) {
    if (std::find(columns_.begin(), columns_.end(), c) == columns_.end()) {
      throw_input(fmt::format("{}:1", file_.string()), fmt::format("column '{}' is missing", c));
    }
  }
}

bool csv_table::has_column(std::string_view name) const {
  return std::find(columns_.begin(), columns_.end(), name) != columns_.end();
}

bool csv_table::next(std::size_t& at, std::size_t& line, std::vector<std::string>& fields) const {
  fields.clear();
  if (at >= text_.size()) return false;
  std::string field;
  bool quoted = false;
  std::size_t const first_line = line;
  for (; at < text_.size(); ++at) {
    char const c = text_[at];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (at + 1 < text_.size() && text_[at + 1] == '"') {
        field += '"';
        ++at;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      field += c;
    }
  }
  if (quoted) throw_input(fmt::format("{}:{}", file_.string(), first_line), "a quote is never closed");
  fields.push_back(std::move(field));
  return true;
}

void csv_table::for_each(std::function<void(csv_row const&)> const& visit) const {
  std::size_t at = body_;
  std::size_t line = body_line_;
  std::vector<std::string> fields;
  for (std::size_t begin = line; next(at, line, fields); begin = line) {
    if (fields.size() == 1 && fields[0].empty()) continue;
    if (fields.size() != columns_.size()) {
      throw_input(fmt::format("{}:{}", file_.string(), begin),
                  fmt::format("{} fields where the header has {}", fields.size(), columns_.size()),
                  fields.size() > columns_.size() ? "is a number written with a decimal comma, or a text that has a "
                                                    "comma without quotes?"
                                                  : "empty fields keep their comma");
    }
    visit(csv_row(*this, begin, fields));
  }
}

std::optional<std::size_t> csv_row::column(char const* name) const {
  auto const it = std::find(table_.columns_.begin(), table_.columns_.end(), name);
  if (it == table_.columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(it - table_.columns_.begin());
}

bool csv_row::has(char const* name) const {
  auto const c = column(name);
  return c && !fields_[*c].empty();
}

std::string const& csv_row::text(char const* name) const {
  auto const c = column(name);
  if (!c || fields_[*c].empty()) fail(fmt::format("'{}' is empty", name));
  return fields_[*c];
}

double csv_row::number(char const* name) const {
  auto const v = parse_number(text(name));
  if (!v) {
    bool const comma = text(name).find(',') != std::string::npos;
    fail(fmt::format("'{}' is not a number: '{}'", name, shown(text(name))),
         comma ? "a decimal point, not a comma" : "a finite number in digits, such as 12.5");
  }
  return *v;
}

double csv_row::not_negative(char const* name) const {
  double const v = number(name);
  if (v < 0) fail(fmt::format("'{}' is negative: {}", name, v), "0 or more");
  return v;
}

std::int64_t csv_row::integer(char const* name) const {
  auto const v = parse_integer(text(name));
  if (!v) fail(fmt::format("'{}' is not a whole number: '{}'", name, shown(text(name))));
  return *v;
}

std::string csv_row::where() const { return fmt::format("{}:{}", table_.file_.string(), line_); }
void csv_row::fail(std::string what, std::string hint) const { throw_input(where(), std::move(what), std::move(hint)); }

}  // namespace gemeo
