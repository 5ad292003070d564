module.exports = require('./han.win32-x64-msvc.node');
