// Reads the keys of one table of a document into a struct that lists them in visit(): each key at most once, no key
// unknown, none missing. Messages name file, line and key, and the nearest known key. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/config.h"
#include "sim/scenario/document.h"

namespace gemeo {

class table_reader {
 public:
  table_reader(doc_value const& table, std::string title);

  template <typename T>
  void operator()(key_info const& k, T& into) {
    known_.emplace_back(k.name);
    if (doc_value const* const v = find(k)) read(*v, k, into);
  }
  void also(std::string key) { known_.push_back(std::move(key)); }
  // The table of that name, where there is one: its keys, and no others, into the section.
  template <typename Section>
  void section(char const* name, Section& into) {
    also(name);
    doc_value const* const t = table_.find(name);
    if (t == nullptr) return;
    table_reader r(*t, "[" + std::string(name) + "]");
    into.visit(r);
    r.finish();
  }
  void finish() const;

 private:
  [[nodiscard]] doc_value const* find(key_info const& k) const;  // throws where a required one is missing
  static void read(doc_value const& v, key_info const& k, std::string& into);
  static void read(doc_value const& v, key_info const& k, std::vector<std::string>& into);
  static void read(doc_value const& v, key_info const& k, double& into);
  static void read(doc_value const& v, key_info const& k, std::int64_t& into);
  static void read(doc_value const& v, key_info const& k, clock_time& into);
  static void read(doc_value const& v, key_info const& k, area& into);
  static void read(doc_value const& v, key_info const& k, bool& into);
  static void read(doc_value const& v, key_info const& k, std::vector<std::int64_t>& into);
  static void read(doc_value const& v, key_info const& k, std::vector<double>& into);
  static void read(doc_value const& v, key_info const& k, class_set& into);
  static void read(doc_value const& v, key_info const& k, purpose_set& into);
  static void read(doc_value const& v, key_info const& k, std::vector<phase_config>& into);
  template <typename T>
  static void read(doc_value const& v, key_info const& k, std::optional<T>& into) {
    T value{};
    read(v, k, value);
    into = value;
  }

  doc_value const& table_;
  std::string title_;
  std::vector<std::string> known_;
};

}  // namespace gemeo
