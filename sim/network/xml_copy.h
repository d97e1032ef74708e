// An XML file written anew as it is read, but for what a rule changes. Comments and text between elements do not come
// along. Thread rule: one thread.
#pragma once

#include <fmt/core.h>

#include <map>
#include <string>
#include <utility>

#include "sim/core/xml.h"

namespace gemeo {

class xml_copy : public xml_handler {
 public:
  void start(std::string_view element, xml_attributes const& a) override {
    if (depth_ == 0) root(element, a);
    if (depth_++ == 1 && !keep(element, a)) skipped_ = depth_;
    if (skipped_ > 0) return;
    if (depth_ > 2) inside(element, a);
    text_ += fmt::format("{:{}}<{}", "", 2 * (depth_ - 1), element);
    for (char const** p = a.pairs(); *p != nullptr; p += 2) {
      text_ += fmt::format(" {}=\"{}\"", p[0], xml_escape(value(p[0], p[1])));
    }
    text_ += ">\n";
    changed_.clear();
  }
  void end(std::string_view element) override {
    if (depth_-- == skipped_) {
      skipped_ = 0;
      return;
    }
    if (skipped_ > 0) return;
    if (depth_ == 0) at_end();
    text_ += fmt::format("{:{}}</{}>\n", "", 2 * depth_, element);
  }
  [[nodiscard]] bool wants_text() const override { return false; }

 protected:
  virtual bool keep(std::string_view element, xml_attributes const& a) = 0;  // of the root's children
  virtual void root(std::string_view, xml_attributes const&) {}
  virtual void inside(std::string_view, xml_attributes const&) {}  // of what is kept
  virtual void at_end() {}
  void change(std::string const& name, std::string const& to) { changed_[name] = to; }
  void write(std::string const& line) { text_ += line; }
  std::string take_text() { return std::move(text_); }

 private:
  [[nodiscard]] std::string value(std::string const& name, char const* was) const {
    auto const it = changed_.find(name);
    return it != changed_.end() ? it->second : was;
  }
  std::string text_;
  std::map<std::string, std::string> changed_;
  std::size_t depth_ = 0, skipped_ = 0;
};

}  // namespace gemeo
