#include "viewer/gl/shader.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "sim/core/error.h"

namespace gemeo::view {
namespace {

GLuint compile(GLenum kind, char const* name, char const* source) {
  GLuint const s = glCreateShader(kind);
  glShaderSource(s, 1, &source, nullptr);
  glCompileShader(s);
  GLint ok = 0;
  glGetShaderiv(s, GL_COMPILE_STATUS, &ok);
  if (ok == 0) {
    char log[1024] = {};
    glGetShaderInfoLog(s, sizeof(log) - 1, nullptr, log);
    throw_run(fmt::format("shader {}", name), log, "the driver must offer OpenGL 3.3");
  }
  return s;
}

}  // namespace

shader_program::shader_program(char const* name, char const* vertex_source, char const* fragment_source)
    : id_(glCreateProgram()) {
  GLuint const v = compile(GL_VERTEX_SHADER, name, vertex_source),
               f = compile(GL_FRAGMENT_SHADER, name, fragment_source);
  glAttachShader(id_, v);
  glAttachShader(id_, f);
  glLinkProgram(id_);
  glDeleteShader(v);
  glDeleteShader(f);
  GLint ok = 0;
  glGetProgramiv(id_, GL_LINK_STATUS, &ok);
  if (ok == 0) {
    char log[1024] = {};
    glGetProgramInfoLog(id_, sizeof(log) - 1, nullptr, log);
    throw_run(fmt::format("shader {}", name), log, "the driver must offer OpenGL 3.3");
  }
}
shader_program::~shader_program() { glDeleteProgram(id_); }
void shader_program::use() const { glUseProgram(id_); }
GLint shader_program::at(char const* uniform) const { return glGetUniformLocation(id_, uniform); }
void shader_program::set(char const* u, float v) const { glUniform1f(at(u), v); }
void shader_program::set(char const* u, float x, float y) const { glUniform2f(at(u), x, y); }
void shader_program::set(char const* u, int v) const { glUniform1i(at(u), v); }
void shader_program::set(char const* u, colour c) const {
  glUniform4f(at(u), static_cast<float>(c.r) / 255, static_cast<float>(c.g) / 255, static_cast<float>(c.b) / 255,
              static_cast<float>(c.a) / 255);
}

void shader_program::set(char const* u, std::span<float const> v) const {
  glUniform1fv(at(u), static_cast<GLsizei>(v.size()), v.data());
}

instance_buffer::instance_buffer(std::vector<attribute> attributes, std::size_t stride)
    : attributes_(std::move(attributes)), stride_(stride) {
  glGenVertexArrays(1, &array_);
  glGenBuffers(1, &buffer_);
  glBindVertexArray(array_);
  for (attribute const& a : attributes_) {
    glEnableVertexAttribArray(a.location);
    glVertexAttribDivisor(a.location, 1);
  }
  glBindVertexArray(0);
}
instance_buffer::~instance_buffer() {
  glDeleteVertexArrays(1, &array_);
  glDeleteBuffers(1, &buffer_);
}
void instance_buffer::upload(void const* data, std::size_t records, bool often) {
  glBindBuffer(GL_ARRAY_BUFFER, buffer_);
  glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(records * stride_), data,
               often ? GL_STREAM_DRAW : GL_STATIC_DRAW);
  records_ = records;
}
void instance_buffer::point_at(std::size_t first) const {
  if (pointed_ == first) return;
  glBindBuffer(GL_ARRAY_BUFFER, buffer_);
  for (attribute const& a : attributes_) {
    auto const* const at = reinterpret_cast<void const*>(first * stride_ + a.offset);
    auto const stride = static_cast<GLsizei>(stride_);
    if (a.integer) {
      glVertexAttribIPointer(a.location, a.size, GL_UNSIGNED_INT, stride, at);
    } else {
      glVertexAttribPointer(a.location, a.size, GL_FLOAT, GL_FALSE, stride, at);
    }
  }
  pointed_ = first;
}
void instance_buffer::draw(std::size_t first, std::size_t count) const {
  if (count == 0) return;
  glBindVertexArray(array_);
  point_at(first);
  glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, static_cast<GLsizei>(count));
  glBindVertexArray(0);
}

canvas::~canvas() { release(); }
void canvas::release() {
  if (framebuffer_ != 0) glDeleteFramebuffers(1, &framebuffer_);
  if (picture_ != 0) glDeleteRenderbuffers(1, &picture_);
  framebuffer_ = picture_ = 0;
}
void canvas::resize(int width, int height) {
  if (width == width_ && height == height_ && framebuffer_ != 0) return;
  release();
  width_ = width;
  height_ = height;
  glGenRenderbuffers(1, &picture_);
  glBindRenderbuffer(GL_RENDERBUFFER, picture_);
  glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, width, height);
  glGenFramebuffers(1, &framebuffer_);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, picture_);
  if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
    throw_run("OpenGL", fmt::format("cannot draw into a picture of {} x {} pixels", width, height),
              "choose a smaller --size");
  }
}
void canvas::bind() const {
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glViewport(0, 0, width_, height_);
}
void canvas::copy_to(GLuint framebuffer) const {
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
  glBindFramebuffer(GL_DRAW_FRAMEBUFFER, framebuffer);
  glBlitFramebuffer(0, 0, width_, height_, 0, 0, width_, height_, GL_COLOR_BUFFER_BIT, GL_NEAREST);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
}
std::vector<std::uint8_t> canvas::read_rgb() const {
  std::size_t const row = static_cast<std::size_t>(width_) * 3;
  std::vector<std::uint8_t> bottom_up(row * static_cast<std::size_t>(height_)), out(bottom_up.size());
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width_, height_, GL_RGB, GL_UNSIGNED_BYTE, bottom_up.data());
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_); ++y) {
    auto const from =
        bottom_up.begin() + static_cast<std::ptrdiff_t>(row * (static_cast<std::size_t>(height_) - 1 - y));
    std::copy(from, from + static_cast<std::ptrdiff_t>(row), out.begin() + static_cast<std::ptrdiff_t>(row * y));
  }
  return out;
}

colour_table::colour_table() {
  glGenTextures(1, &id_);
  glBindTexture(GL_TEXTURE_2D, id_);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
}
colour_table::~colour_table() { glDeleteTextures(1, &id_); }
void colour_table::upload(std::vector<colour> const& c) {
  static_assert(sizeof(colour) == 4);
  int const rows = std::max(1, static_cast<int>((c.size() + kWidth - 1) / kWidth));
  std::vector<colour> whole(static_cast<std::size_t>(rows) * kWidth);
  std::copy(c.begin(), c.end(), whole.begin());
  glBindTexture(GL_TEXTURE_2D, id_);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  if (rows == rows_) {
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, kWidth, rows, GL_RGBA, GL_UNSIGNED_BYTE, whole.data());
  } else {
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, kWidth, rows, 0, GL_RGBA, GL_UNSIGNED_BYTE, whole.data());
    rows_ = rows;
  }
}
void colour_table::bind(int unit) const {
  glActiveTexture(static_cast<GLenum>(GL_TEXTURE0 + unit));
  glBindTexture(GL_TEXTURE_2D, id_);
}

}  // namespace gemeo::view
