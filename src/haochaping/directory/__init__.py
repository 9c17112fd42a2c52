"""Departments 部门, halls 大厅, windows 窗口, staff 人员 and service items 事项."""
