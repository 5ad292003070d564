module.exports = require('./han.linux-x64-gnu.node');
