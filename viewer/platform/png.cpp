#include "viewer/platform/png.h"

#include <png.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#include "sim/core/error.h"
#include "sim/core/text_file.h"

namespace gemeo::view {
namespace {

// libpng reports through longjmp: nothing with a destructor may live in this function.
bool encode(std::FILE* out, std::uint8_t const* rgb, png_uint_32 width, png_uint_32 height) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  if (png == nullptr) return false;
  png_infop info = png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_init_io(png, out);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (png_uint_32 y = 0; y < height; ++y) png_write_row(png, rgb + std::size_t{y} * width * 3);
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return true;
}

}  // namespace

void write_png(std::filesystem::path const& file, std::vector<std::uint8_t> const& rgb, int width, int height) {
  verify(
      width > 0 && height > 0 && rgb.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3,
      "a picture has as many bytes as its size says");
  bool const straight = is_device_or_pipe(file);
  std::filesystem::path const partial = straight ? file : std::filesystem::path(file.string() + ".partial");
  auto const fail = [&](std::string const& what) {
    std::error_code ec;
    if (!straight) std::filesystem::remove(partial, ec);
    throw_run(file.string(), "cannot write the picture: " + what, "choose a folder that exists and can be written to");
  };
  std::FILE* const out = std::fopen(partial.c_str(), "wb");
  if (out == nullptr) fail(std::strerror(errno));
  bool ok = encode(out, rgb.data(), static_cast<png_uint_32>(width), static_cast<png_uint_32>(height));
  ok = std::fflush(out) == 0 && ok;
  ok = (::fsync(::fileno(out)) == 0 || straight) && ok;
  int const why = errno;
  ok = std::fclose(out) == 0 && ok;
  if (!ok) fail(why != 0 ? std::strerror(why) : "the disk may be full");
  std::error_code ec;
  if (!straight) std::filesystem::rename(partial, file, ec);
  if (ec) fail(ec.message());
}

}  // namespace gemeo::view
