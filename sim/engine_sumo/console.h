// What libsumo writes to standard output and standard error, kept from the terminal while one of its calls runs.
// SUMO's outputs named "stdout" arrive here as they are produced: no files, no buffers that lag behind an interval.
// Thread rule: one thread; the process's streams are exchanged only while a console::guard lives.
#pragma once

#include <exception>
#include <functional>
#include <iostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace gemeo {

class console {
 public:
  // sink gets standard output in pieces; what it throws is rethrown by flush().
  explicit console(std::function<void(std::string_view)> sink);

  class guard {
   public:
    explicit guard(console& c);
    ~guard();
    guard(guard const&) = delete;
    guard& operator=(guard const&) = delete;

   private:
    std::streambuf *out_, *err_;
  };

  void flush();  // hands the rest of standard output to the sink
  // Messages that were complete since the last call ("Warning: ..." with its continuation lines joined).
  std::vector<std::string> take_messages();

 private:
  class out_buffer : public std::streambuf {
   public:
    explicit out_buffer(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}
    void hand_over();
    std::exception_ptr failure;

   protected:
    int_type overflow(int_type c) override;
    std::streamsize xsputn(char const* s, std::streamsize n) override;

   private:
    std::function<void(std::string_view)> sink_;
    std::string text_;
  };
  class text_buffer : public std::streambuf {
   public:
    std::string text;

   protected:
    int_type overflow(int_type c) override;
    std::streamsize xsputn(char const* s, std::streamsize n) override;
  };

  out_buffer out_;
  text_buffer err_;
};

}  // namespace gemeo
