module.exports = require('./han.linux-x64-musl.node');
