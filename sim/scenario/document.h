// A scenario file as a tree of values, each knowing the file and line it comes from: TOML read, bases inherited,
// --set applied. Says nothing about which keys exist; that is config.h's. No toml++ type leaves document.cpp.
// Invariants: tables keep the order of the file; keys of one table are unique; text is UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gemeo {

struct doc_entry;

struct doc_value {
  enum class kind : std::uint8_t { kText, kWhole, kNumber, kFlag, kList, kTable };
  kind what = kind::kTable;
  std::string text;
  std::int64_t whole = 0;
  double number = 0;  // also filled for kWhole
  bool flag = false;
  std::vector<doc_value> list;
  std::vector<doc_entry> table;
  std::shared_ptr<std::filesystem::path const> file;  // where relative paths start; null: from --set
  std::uint32_t line = 0;
  std::string set;  // the --set this value comes from

  [[nodiscard]] doc_value const* find(std::string_view key) const;
  [[nodiscard]] doc_value* find(std::string_view key);
  void put(std::string key, doc_value v);
  [[nodiscard]] std::string where() const;  // "weekday.toml:3" or "--set routes.share=2"
  // Folder that relative paths in this value start from.
  [[nodiscard]] std::filesystem::path folder() const;
};

struct doc_entry {  // no std::pair, which may not hold a type that is not complete yet
  doc_entry(std::string k, doc_value v) : key(std::move(k)), value(std::move(v)) {}
  std::string key;
  doc_value value;
};

// Text of one file; name stands for it in messages. Throws error(kInput).
doc_value parse_document(std::string_view text, std::filesystem::path const& name);

struct loaded_document {
  doc_value root;                            // bases merged in, key `base` gone
  std::string text;                          // the outermost file as written
  std::vector<std::filesystem::path> files;  // the file, then its bases
};

// Reads the file and the chain of its bases. Tables merge key by key and the nearer file wins; interventions (lists of
// tables) of a base come first, and one of the same kind and name overrides the base's key by key.
loaded_document load_document(std::filesystem::path const& file);

}  // namespace gemeo
