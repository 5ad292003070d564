module.exports = require('./han.darwin-x64.node');
