// Tables in CSV (RFC 4180: quotes, doubled quotes; a byte order mark and CR are tolerated), plain or gzip, by column
// name. Errors name file, line and column. The whole file is held in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gemeo {

class csv_row;

class csv_table {
 public:
  // required: columns that must be there; others may be. Throws error(kInput).
  csv_table(std::filesystem::path file, std::vector<std::string> required, std::vector<std::string> optional = {});
  void for_each(std::function<void(csv_row const&)> const& visit) const;
  [[nodiscard]] std::filesystem::path const& file() const { return file_; }
  [[nodiscard]] bool has_column(std::string_view name) const;

 private:
  friend class csv_row;
  void parse_header(std::vector<std::string> const& required, std::vector<std::string> const& optional);
  // Reads the record at `at` into fields; false at the end. line counts on.
  bool next(std::size_t& at, std::size_t& line, std::vector<std::string>& fields) const;

  std::filesystem::path file_;
  std::string text_;
  std::size_t body_ = 0, body_line_ = 1;
  std::vector<std::string> columns_;
};

class csv_row {
 public:
  [[nodiscard]] bool has(char const* column) const;  // the column is there and not empty
  [[nodiscard]] std::string const& text(char const* column) const;
  [[nodiscard]] double number(char const* column) const;  // finite
  [[nodiscard]] double not_negative(char const* column) const;
  [[nodiscard]] std::int64_t integer(char const* column) const;
  [[noreturn]] void fail(std::string what, std::string hint = {}) const;
  [[nodiscard]] std::string where() const;  // "od.csv:12"

 private:
  friend class csv_table;
  csv_row(csv_table const& table, std::size_t line, std::vector<std::string> const& fields)
      : table_(table), line_(line), fields_(fields) {}
  [[nodiscard]] std::optional<std::size_t> column(char const* name) const;
  csv_table const& table_;
  std::size_t line_;
  std::vector<std::string> const& fields_;
};

}  // namespace gemeo
