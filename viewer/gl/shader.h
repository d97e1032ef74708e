// Thin owners of GL objects (3.3 core): programs, buffers, vertex arrays, framebuffers. A shader that does not compile
// is an error(kRun) with the driver's message. Thread rule: the thread whose context is current.
#pragma once

#include <epoxy/gl.h>

#include <cstdint>
#include <span>
#include <vector>

#include "viewer/model/palette.h"

namespace gemeo::view {

class shader_program {
 public:
  shader_program(char const* name, char const* vertex_source, char const* fragment_source);
  ~shader_program();
  shader_program(shader_program const&) = delete;
  shader_program& operator=(shader_program const&) = delete;
  void use() const;
  void set(char const* uniform, float v) const;
  void set(char const* uniform, float x, float y) const;
  void set(char const* uniform, int v) const;
  void set(char const* uniform, colour c) const;
  void set(char const* uniform, std::span<float const> values) const;

 private:
  [[nodiscard]] GLint at(char const* uniform) const;
  GLuint id_ = 0;
};

// Instances of a four-cornered strip: one vertex array over one buffer of records.
class instance_buffer {
 public:
  struct attribute {
    GLuint location;
    GLint size;
    bool integer;        // uint32, else float
    std::size_t offset;  // bytes into a record
  };
  instance_buffer(std::vector<attribute> attributes, std::size_t stride);
  ~instance_buffer();
  instance_buffer(instance_buffer const&) = delete;
  instance_buffer& operator=(instance_buffer const&) = delete;
  void upload(void const* data, std::size_t records, bool often);
  void draw(std::size_t first, std::size_t count) const;
  [[nodiscard]] std::size_t size() const { return records_; }

 private:
  void point_at(std::size_t first) const;
  std::vector<attribute> attributes_;
  std::size_t stride_, records_ = 0;
  GLuint array_ = 0, buffer_ = 0;
  mutable std::size_t pointed_ = SIZE_MAX;  // GL 3.3 has no base instance: the pointers move
};

// A picture to draw into, RGBA.
class canvas {
 public:
  canvas() = default;
  ~canvas();
  canvas(canvas const&) = delete;
  canvas& operator=(canvas const&) = delete;
  void resize(int width, int height);  // pixels; contents are lost when the size changes
  void bind() const;
  void copy_to(GLuint framebuffer) const;
  [[nodiscard]] std::vector<std::uint8_t> read_rgb() const;  // rows from the top
  [[nodiscard]] GLuint framebuffer() const { return framebuffer_; }
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }

 private:
  void release();
  int width_ = 0, height_ = 0;
  GLuint framebuffer_ = 0, picture_ = 0;
};

// Colours by edge id, in a texture.
class colour_table {
 public:
  colour_table();
  ~colour_table();
  colour_table(colour_table const&) = delete;
  colour_table& operator=(colour_table const&) = delete;
  void upload(std::vector<colour> const& c);
  void bind(int unit) const;
  static constexpr int kWidth = 1024;

 private:
  GLuint id_ = 0;
  int rows_ = 0;
};

}  // namespace gemeo::view
